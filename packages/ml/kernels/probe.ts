// The smallest kernel: what the toolchain itself is tested with. y ← a·x + y over f32, n a multiple of 4.

export function axpy(n: i32, a: f32, x: usize, y: usize): void {
  const scale = f32x4.splat(a);
  for (let i = 0; i < n; i += 4) {
    const at = (<usize>i) << 2;
    const product = f32x4.mul(scale, v128.load(x + at));
    v128.store(y + at, f32x4.add(product, v128.load(y + at)));
  }
}

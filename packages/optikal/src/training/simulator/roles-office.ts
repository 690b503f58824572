/** Task kinds of the office roles: support desk, accounts payable, people and calendar, sales. */
import type { RoleText } from './role-text.ts';

export const OFFICE_ROLES: readonly RoleText[] = [
  {
    name: 'support_desk',
    prefix: 'support',
    weight: 5,
    owner: 'customer-care',
    hours: 'office',
    tasksPerHour: 5.5,
    outward: ['send_email', 'reply_ticket', 'upload_file'],
    kinds: [
      [
        'answer_ticket',
        6,
        'usual',
        'reply_ticket get_ticket',
        `get_ticket > search_kb:5 get_customer:3 get_order:2 | search_kb > read_article:6 search_kb reply_ticket:2
         | read_article > read_article reply_ticket:6 get_order | get_customer > get_order:3 search_kb:3 reply_ticket:2
         | get_order > reply_ticket:4 search_kb:2 issue_refund | issue_refund > reply_ticket
         | reply_ticket > update_ticket:5 add_note:2 .:2 | add_note > . update_ticket`,
      ],
      [
        'refund',
        2,
        'usual',
        'issue_refund',
        `get_ticket > get_customer | get_customer > get_order | get_order > get_order issue_refund:5 search_kb | search_kb > issue_refund
         | issue_refund > reply_ticket:4 send_email | reply_ticket > update_ticket`,
      ],
      [
        'triage',
        3,
        'usual',
        'update_ticket search_tickets',
        `search_tickets > get_ticket:9 . | get_ticket > get_ticket:6 update_ticket:5 escalate_ticket .
         | update_ticket > get_ticket:5 .:2 | escalate_ticket > post_message get_ticket .`,
      ],
      [
        'account_access',
        0.5,
        'usual',
        'reset_password',
        'get_ticket > get_customer | get_customer > reset_password:5 search_kb | search_kb > reset_password | reset_password > reply_ticket',
      ],
      [
        'reset_wave',
        0.06,
        'usual',
        'reset_password search_tickets',
        'search_tickets > get_ticket | get_ticket > get_customer | get_customer > reset_password | reset_password > reply_ticket:3 get_ticket:4 | reply_ticket > get_ticket:5 update_ticket . | update_ticket > get_ticket:3 .',
        { incident: 0.72, upkeep: 0.48 },
      ],
      [
        'follow_guide',
        0.4,
        'runbook',
        'get_ticket update_ticket',
        `get_ticket > read_article | read_article > update_ticket:2 send_email:2 reply_ticket:2 issue_refund
         | update_ticket > send_email:2 add_note:2 reply_ticket . | send_email > update_ticket:2 add_note . | add_note > send_email .`,
      ],
      [
        'customer_export',
        0.22,
        'export',
        'export_customers upload_file send_email',
        `export_customers > export_customers:4 search_tickets upload_file:2 | search_tickets > export_customers:3 upload_file
         | upload_file > upload_file send_email .`,
      ],
      [
        'first_contact',
        0.35,
        'contact',
        'send_email',
        'get_ticket > get_customer:3 search_tickets | search_tickets > send_email | get_customer > send_email | send_email > send_email add_note:3 .',
      ],
      [
        'notice_to_customers',
        0.05,
        'contact',
        'send_email',
        'search_tickets > get_customer | get_customer > send_email | send_email > send_email:7 get_customer:3 update_ticket .',
        { incident: 1.25 },
      ],
      [
        'ticket_sweep',
        0.22,
        'batch',
        'search_tickets update_ticket',
        'search_tickets > get_ticket | get_ticket > get_ticket:12 update_ticket:3 . | update_ticket > get_ticket:9 .',
      ],
    ],
  },
  {
    name: 'accounts_payable',
    prefix: 'payables',
    weight: 3,
    owner: 'finance',
    hours: 'office',
    tasksPerHour: 4,
    closes: true,
    outward: ['send_email', 'upload_file'],
    kinds: [
      [
        'pay_invoice',
        5,
        'usual',
        'schedule_payment get_invoice',
        `get_invoice > get_vendor:4 match_purchase_order:4 schedule_payment | get_vendor > match_purchase_order:4 schedule_payment:2
         | match_purchase_order > schedule_payment:6 get_vendor search_email | search_email > schedule_payment send_email
         | schedule_payment > send_email:2 .:5 get_balance`,
      ],
      [
        'invoice_run',
        2.5,
        'usual',
        'list_invoices approve_payment',
        `get_balance > list_invoices | list_invoices > get_invoice | get_invoice > match_purchase_order:6 get_invoice:2
         | match_purchase_order > approve_payment:5 get_invoice:2 | approve_payment > get_invoice:5 list_transactions .:2`,
        { month_end: 5, quarter_end: 5 },
      ],
      [
        'inbox_invoices',
        2.5,
        'usual',
        'read_inbox',
        `read_inbox > download_attachment:5 search_email | search_email > download_attachment send_email
         | download_attachment > get_vendor:4 write_file:2 download_attachment | get_vendor > write_file schedule_payment:3
         | write_file > send_email:2 . | schedule_payment > send_email:2 .:2`,
      ],
      [
        'vendor_change',
        0.4,
        'usual',
        'update_vendor',
        'search_email > get_vendor | get_vendor > update_vendor:3 send_email | send_email > update_vendor . | update_vendor > send_email:2 .',
      ],
      [
        'bank_details_wave',
        0.06,
        'usual',
        'update_vendor',
        'read_inbox > download_attachment | download_attachment > get_vendor | get_vendor > update_vendor:4 search_email | search_email > update_vendor | update_vendor > get_vendor:5 send_email .',
        { quarter_end: 0.36 },
      ],
      [
        'remittance_steps',
        0.4,
        'runbook',
        'download_attachment',
        `read_inbox > download_attachment | download_attachment > schedule_payment:3 send_email:3 write_file
         | schedule_payment > send_email:2 approve_payment . | send_email > write_file schedule_payment .:2 | write_file > send_email .`,
      ],
      [
        'auditor_package',
        0.38,
        'export',
        'export_ledger upload_file',
        `export_ledger > export_ledger:4 list_transactions:2 upload_file:2 | list_transactions > export_ledger:2 upload_file
         | upload_file > upload_file:2 send_email:2 .`,
        { month_end: 1.14, quarter_end: 3.8 },
      ],
      [
        'new_vendor',
        0.35,
        'contact',
        'schedule_payment send_email',
        'get_invoice > search_email:2 get_vendor | search_email > send_email:2 schedule_payment | get_vendor > send_email schedule_payment:2 | schedule_payment > send_email .',
      ],
      [
        'reconcile',
        0.6,
        'batch',
        'list_transactions',
        'list_transactions > list_transactions:5 get_invoice:4 match_purchase_order:2 | get_invoice > list_transactions get_invoice:6 match_purchase_order:5 . | match_purchase_order > get_invoice:6 write_file | write_file > .',
        { month_end: 3.6, quarter_end: 4.8 },
      ],
      [
        'close_books',
        0,
        'batch',
        'export_ledger list_transactions',
        'list_transactions > list_transactions:4 export_ledger:3 get_invoice:2 | export_ledger > list_transactions:4 write_file:2 upload_file | get_invoice > match_purchase_order:3 list_transactions:2 | match_purchase_order > list_transactions:3 get_invoice:3 | write_file > list_transactions:4 . | upload_file > list_transactions:2 .',
        { month_end: 1, quarter_end: 1.5 },
      ],
    ],
  },
  {
    name: 'people_calendar',
    prefix: 'people',
    weight: 3,
    owner: 'hr',
    hours: 'office',
    tasksPerHour: 4.5,
    outward: ['send_email', 'invite_to_event', 'share_file'],
    kinds: [
      [
        'schedule_meeting',
        5,
        'usual',
        'create_event get_calendar',
        `get_current_time > get_calendar | get_calendar > get_calendar:3 create_event:6 get_employee:2 | get_employee > create_event:2 get_calendar
         | create_event > invite_to_event:5 send_email:2 .:3 | invite_to_event > invite_to_event:2 send_email .:4`,
      ],
      [
        'day_summary',
        3,
        'usual',
        'get_calendar read_inbox',
        'get_calendar > read_inbox:4 search_email read_channel | read_channel > read_channel read_inbox post_message | read_inbox > search_docs search_email . | search_email > post_message:2 . | search_docs > post_message:2 .',
      ],
      [
        'onboarding',
        1.2,
        'usual',
        'create_event send_email',
        `get_employee > search_files:3 create_event | search_files > read_file | read_file > create_event:2 send_email:2 share_file
         | create_event > create_event send_email:3 . | send_email > share_file create_event .:3 | share_file > send_email .`,
      ],
      [
        'move_meeting',
        2,
        'usual',
        'update_event',
        'get_calendar > update_event:4 search_email:2 | search_email > update_event | update_event > send_email:2 invite_to_event .:3',
      ],
      [
        'record_change',
        0.3,
        'usual',
        'update_employee',
        'search_email > get_employee | get_employee > update_employee | update_employee > send_email .',
      ],
      [
        'role_change',
        0.15,
        'usual',
        'update_employee share_file',
        'search_email > get_employee | get_employee > update_employee:3 search_files | search_files > share_file | update_employee > share_file:3 update_employee send_email | share_file > share_file:2 send_email .',
      ],
      [
        'policy_steps',
        0.35,
        'runbook',
        'read_file search_docs',
        `search_docs > read_file | read_file > send_email:3 create_event:2 share_file | create_event > send_email:2 invite_to_event .
         | send_email > create_event invite_to_event .:2 | invite_to_event > send_email . | share_file > send_email .`,
      ],
      [
        'payroll_handover',
        0.3,
        'export',
        'list_employees send_email',
        'list_employees > list_employees:4 get_employee:2 send_email | get_employee > list_employees:2 send_email:2 | send_email > send_email .:2',
      ],
      [
        'candidate_contact',
        0.5,
        'contact',
        'send_email invite_to_event',
        'search_email > get_calendar | get_calendar > send_email:2 invite_to_event:2 | send_email > invite_to_event create_event . | invite_to_event > send_email .',
      ],
      [
        'all_hands_notice',
        0.08,
        'contact',
        'send_email list_employees',
        'list_employees > send_email | send_email > send_email:8 list_employees:2 create_event . | create_event > send_email:2 invite_to_event . | invite_to_event > invite_to_event:4 .',
      ],
      ['directory_check', 0.18, 'batch', 'get_employee', 'list_employees > get_employee | get_employee > get_employee:14 search_files .'],
    ],
  },
  {
    name: 'sales_outreach',
    prefix: 'sales',
    weight: 3,
    owner: 'sales',
    hours: 'office',
    tasksPerHour: 4,
    outward: ['send_email', 'upload_file', 'send_campaign'],
    kinds: [
      [
        'qualify_lead',
        5,
        'usual',
        'get_lead update_lead',
        `crm_search > get_lead | get_lead > search_web:4 get_lead fetch_url:2 update_lead:2 | search_web > fetch_url:5 update_lead
         | fetch_url > fetch_url:2 update_lead:4 | update_lead > get_lead:2 send_email .:4`,
      ],
      [
        'follow_up',
        4,
        'usual',
        'send_email',
        'read_inbox > get_lead:4 crm_search | crm_search > get_lead | get_lead > send_email:5 search_docs:2 | search_docs > send_email | send_email > update_lead:4 .:2',
      ],
      [
        'quote',
        2,
        'usual',
        'create_quote',
        'get_lead > search_docs:3 create_quote:2 | search_docs > create_quote read_file | read_file > create_quote | create_quote > send_email:4 .',
      ],
      [
        'partner_brief',
        0.35,
        'runbook',
        'read_file',
        'read_inbox > read_file fetch_url | read_file > send_email:3 update_lead:2 | fetch_url > send_email:2 update_lead:2 create_quote | update_lead > send_email:2 update_lead . | send_email > update_lead:2 send_email . | create_quote > send_email .',
      ],
      [
        'territory_export',
        0.3,
        'export',
        'crm_search upload_file',
        'crm_search > crm_search:4 get_lead upload_file:2 | get_lead > crm_search upload_file | upload_file > upload_file:2 send_email .',
      ],
      [
        'cold_contact',
        0.8,
        'contact',
        'send_email',
        'search_web > fetch_url | fetch_url > fetch_url send_email:3 | send_email > update_lead:3 send_email .',
      ],
      [
        'newsletter',
        0.2,
        'contact',
        'send_campaign',
        'crm_search > search_docs send_campaign | search_docs > send_campaign | send_campaign > update_lead .',
      ],
      [
        'enrich_territory',
        0.3,
        'batch',
        'fetch_url update_lead',
        'crm_search > fetch_url | fetch_url > fetch_url:10 search_web:3 update_lead:2 . | search_web > fetch_url | update_lead > fetch_url:8 .',
      ],
    ],
  },
];

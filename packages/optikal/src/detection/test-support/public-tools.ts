/**
 * Names of tools of two public benchmarks of agents, τ-bench (Yao et al. 2024; retail and airline) and the multi-turn part of BFCL v3 (Patil et
 * al. 2025; files, messages, tickets, trading, travel, a car). No word of the classifier was chosen by them before they were first measured;
 * words of shells, machines and travel were after that. Effects are those of their documentation: money = it changes hands, account = who may
 * do what and as whom, who somebody is. What no word was chosen by is unseen-tools.ts.
 */
import type { Effect } from '@optikal/contracts';

/** Names of tools by what they do. */
export type LabelledNames = Readonly<Record<Exclude<Effect, 'unknown'>, readonly string[]>>;

export const PUBLIC_TOOLS: LabelledNames = {
  read: words(
    'find_user_id_by_email find_user_id_by_name_zip get_order_details get_product_details list_all_product_types list_all_airports',
    'get_reservation_details search_direct_flight search_onestop_flight calculate think pwd ls cat grep find wc sort tail diff du',
    'posting_get_login_status list_all_following search_tweets get_tweet get_user_tweets get_tweet_comments view_messages_sent',
    'search_messages get_message_stats list_users get_ticket get_user_tickets get_current_time get_symbol_by_name get_stock_info',
    'get_transaction_history get_order_history get_watchlist filter_stocks_by_price get_available_stocks notify_price_change',
    'get_budget_fiscal_year get_flight_cost get_credit_card_balance retrieve_invoice get_nearest_airport_by_city',
    'get_outside_temperature_from_google displayCarStatus get_current_speed display_log estimate_drive_feasibility_by_mileage',
    'liter_to_gallon gallon_to_liter estimate_distance get_zipcode_based_on_city check_tire_pressure find_nearest_tire_shop',
  ),
  write: words(
    'modify_pending_order_address modify_pending_order_items exchange_delivered_order_items return_delivered_order_items',
    'transfer_to_human_agents update_reservation_baggages update_reservation_passengers mkdir touch echo mv cp rm rmdir cd',
    'post_tweet retweet comment mention send_message delete_message add_contact create_ticket close_ticket resolve_ticket edit_ticket',
    'remove_stock_from_watchlist add_to_watchlist contact_customer_support set_budget_limit startEngine fillFuelTank lockDoors',
    'adjustClimateControl setHeadlights activateParkingBrake pressBrakePedal releaseBrakePedal setCruiseControl set_navigation',
    'follow_user unfollow_user',
  ),
  account: words(
    'get_user_details modify_user_address authenticate_twitter message_login ticket_login logout get_account_info authenticate_travel',
    'verify_traveler_information trading_login get_user_id',
  ),
  money: words(
    'modify_pending_order_payment cancel_pending_order book_reservation cancel_reservation send_certificate update_reservation_flights',
    'place_order cancel_order make_transaction fund_account register_credit_card book_flight cancel_booking purchase_insurance',
  ),
};

/**
 * Names that whoever chose the words had in sight: of public MCP servers (filesystem, git, GitHub, Slack, Gmail, Stripe, Postgres, browser,
 * Kubernetes), labelled by their documentation.
 */
export const SERVER_TOOLS: LabelledNames = {
  read: words(
    'read_text_file read_multiple_files list_directory directory_tree get_file_info list_allowed_directories git_status',
    'git_diff_staged git_log git_show get_file_contents list_commits search_repositories get_pull_request_reviews list_issues',
    'slack_list_channels slack_get_channel_history slack_get_users gmail_search_messages list_email_labels retrieve_balance',
    'list_payment_intents list_invoices query list_tables describe_table browser_snapshot browser_console_messages',
    'browser_take_screenshot kubectl_get kubectl_describe kubectl_logs search_nodes read_graph web_search fetch get_current_time',
    'convert_time',
  ),
  write: words(
    'write_file edit_file create_directory move_file git_commit git_add git_reset git_create_branch push_files create_pull_request',
    'merge_pull_request update_issue add_issue_comment fork_repository slack_post_message slack_reply_to_thread slack_add_reaction',
    'draft_email send_email modify_email delete_email batch_delete_emails browser_fill_form browser_type browser_file_upload',
    'kubectl_apply kubectl_delete kubectl_scale create_entities delete_relations update_customer execute_sql_write createEvent',
    'deleteCalendarEvent',
  ),
  account: words(
    'add_collaborator invite_user create_access_token update_user_role reset_password grantPermission rotate_api_key share_drive_file',
    'add_team_member',
  ),
  money: words(
    'create_payment_link create_refund transfer_funds pay_invoice place_order_and_checkout buy_stock withdraw_crypto',
    'cancel_subscription',
  ),
};

export function labelled(names: LabelledNames): (readonly [name: string, tool: { readonly effect: Effect }])[] {
  // The keys of the record are effects.
  return Object.entries(names).flatMap(([effect, list]) => list.map((name) => [name, { effect: effect as Effect }] as const));
}

export function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

/**
 * Names of tools that no word of the classifier was chosen by, and none may be: they were labelled by what their documentation says before the
 * classifier read them, and its words stay as they are whatever it makes of them. Names that public-tools.ts has as well are left out. τ²-bench
 * (Barres et al. 2025; telecom, the agent's tools and the user's), ToolSandbox (Lu et al. 2024), WorkBench (Styles et al. 2024), AppWorld
 * (Trivedi et al. 2024; the APIs of its apps that other names do not repeat). Effects as in public-tools.ts: money = it changes hands; account =
 * who may do what and as whom, who somebody is.
 */
import type { LabelledNames } from './public-tools.ts';
import { words } from './public-tools.ts';

export const UNSEEN_TOOLS: Readonly<Record<'τ²-bench telecom' | 'ToolSandbox' | 'WorkBench' | 'AppWorld', LabelledNames>> = {
  'τ²-bench telecom': {
    read: words(
      'get_details_by_id get_bills_for_customer get_data_usage check_status_bar check_network_status check_network_mode_preference',
      'run_speed_test check_sim_status check_data_restriction_status check_apn_settings check_wifi_status check_wifi_calling_status',
      'check_vpn_status check_installed_apps check_app_status check_app_permissions can_send_mms check_payment_request',
    ),
    write: words(
      'suspend_line resume_line send_payment_request enable_roaming disable_roaming set_network_mode_preference toggle_airplane_mode',
      'reseat_sim_card toggle_data toggle_roaming toggle_data_saver_mode set_apn_settings reset_apn_settings toggle_wifi',
      'toggle_wifi_calling connect_vpn disconnect_vpn reboot_device',
    ),
    account: words('get_customer_by_phone get_customer_by_id get_customer_by_name grant_app_permission'),
    money: words('refuel_data make_payment'),
  },
  ToolSandbox: {
    read: words(
      'search_contacts search_reminder get_low_battery_mode_status get_location_service_status get_cellular_service_status',
      'get_wifi_status get_current_location get_current_timestamp timestamp_to_datetime_info datetime_info_to_timestamp shift_timestamp',
      'timestamp_diff seconds_to_hours_minutes_seconds unit_conversion calculate_lat_lon_distance search_holiday search_lat_lon',
      'search_location_around_lat_lon search_weather_around_lat_lon search_stock convert_currency',
    ),
    write: words(
      'modify_contact remove_contact send_message_with_phone_number add_reminder modify_reminder remove_reminder',
      'set_low_battery_mode_status set_location_service_status set_cellular_service_status set_wifi_status end_conversation',
    ),
    account: [],
    money: [],
  },
  WorkBench: {
    read: words(
      'get_event_information_by_id search_events get_email_information_by_id engaged_users_count traffic_source_count',
      'get_visitor_information_by_id total_visits_count get_average_session_duration get_task_information_by_id search_tasks',
      'search_customers create_plot',
    ),
    write: words(
      'create_event delete_event update_event forward_email reply_email create_task delete_task update_task add_customer delete_customer',
    ),
    account: [],
    money: [],
  },
  AppWorld: {
    read: words(
      'show_directory directory_exists show_file file_exists get_current_date_and_time show_alarms show_contact_relationships',
      'show_text_message_window search_text_messages show_inbox_threads show_outbox_threads show_thread show_drafts',
      'show_song search_songs show_album show_playlist_library show_liked_songs show_recommendations show_current_song show_song_queue',
      'show_downloaded_songs show_venmo_balance show_bank_transfer_history show_transactions show_received_payment_requests',
      'show_social_feed show_notifications search_products show_product show_product_reviews show_cart show_orders show_returns',
      'show_prime_plans show_wish_list show_groups show_people_balance show_notes search_notes show_tasks show_payment_cards show_addresses',
    ),
    write: words(
      'compress_directory decompress_file copy_file update_file create_alarm update_alarm send_text_message send_voice_message',
      'download_attachment mark_thread_read mark_thread_archived label_thread delete_thread like_song unlike_song play_music pause_music next_song',
      'seek_song set_volume shuffle_song_queue add_to_queue create_playlist add_song_to_playlist download_song review_song',
      'follow_artist create_payment_request deny_payment_request remind_payment_request like_transaction',
      'add_product_to_cart delete_product_from_cart apply_promo_code_to_cart',
      'move_product_from_cart_to_wish_list write_product_review write_product_question create_group create_note delete_note complete_task initiate_return',
      'record_payment',
    ),
    account: words(
      'show_account show_profile update_account_name send_verification_code send_password_reset_code delete_account',
      'show_account_passwords',
    ),
    money: words('add_to_venmo_balance withdraw_from_venmo_balance create_transaction approve_payment_request subscribe_prime'),
  },
};

/**
 * Names of tools that the words of the classifier were not chosen by: those of two public benchmarks of agents, τ-bench (Yao et al. 2024; retail
 * and airline) and the multi-turn part of BFCL v3 (Patil et al. 2025; files, messages, tickets, trading, travel, a car). Effects are those of
 * their documentation: money = it changes hands, account = who may do what and as whom, who somebody is.
 */
import type { Effect } from '@optikal/contracts';

export const PUBLIC_TOOLS: Readonly<Record<Exclude<Effect, 'unknown'>, readonly string[]>> = {
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

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '));
}

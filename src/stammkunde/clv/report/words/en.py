"""The report in English."""

WORDS = {
    # --- page
    "title": "What our customers are worth",
    "brand": "Stammkunde · customer value report",
    "h1": "{customers} customer will probably bring {value} over {horizon}"
    " | {customers} customers will probably bring {value} over {horizon}",
    "h1_none": "{customers} customer has brought {value} so far; a forecast needs more"
    " | {customers} customers have brought {value} so far; a forecast needs more",
    "standfirst": "With {level} probability it is between {low} and {high}. Until now they have brought {historic}.",
    "standfirst_none": "Nobody can say yet what is to come: too few have come back.",
    "trust_close": "Tried on the past, the same way of computing came out {off}.",
    "trust_wide": "Tried on the past, the same way of computing came out {off}: read the ranking of customers as "
    "firmer than the sums.",
    "trust_none": "It could not be tried on the past: the history is too short or too small.",
    "off_low": "{error} too low",
    "off_high": "{error} too high",
    "off_none": "about right",
    "contents": "Contents",
    "skip": "Skip to the figures",
    "details_table": "Show as a table",
    "figure_about": "Basis: {basis}, orders of {from_day} to {until}.",
    "more": "Show the customers",
    "footer": "Computed on {computed} by Stammkunde from orders of {from_day} to {until}. This file needs no network "
    "and sends nothing anywhere.",
    # --- what it is about
    "meta_basis": "Values are",
    "meta_period": "Orders",
    "meta_horizon": "Forecast",
    "meta_computed": "Computed",
    "meta_model": "Model",
    "meta_source": "Source",
    "meta_currency": "Currency",
    "currency_unknown": "not named in the data",
    "range_days": "{from_day} to {until}",
    "basis_revenue": "revenue",
    "basis_contribution": "contribution",
    "basis_long_revenue": "revenue net of refunds; costs are not taken off",
    "basis_long_contribution": "contribution: revenue less VAT, refunds, goods, shipping and fees, as far as known",
    # --- headline figures
    "headline": "The figures",
    "stat_predicted": "Expected value",
    "stat_predicted_note": "{low} to {high} ({level} interval), {basis}, to {end}",
    "stat_historic": "Value so far",
    "stat_historic_note": "{basis}, {from_day} to {until}",
    "stat_customers": "Customers",
    "stat_customers_note": "{orders} order day; {share} came back | {orders} order days; {share} came back",
    "stat_active": "Still customers",
    "stat_active_note": "expected on {until}: {share} of all; the sum of all probabilities",
    "stat_new": "A new customer",
    "stat_new_note": "expected {basis} in the first 12 months, first order included",
    "not_yet": "not yet",
    "not_yet_note": "needs customers who came back",
    # --- what to do first
    "actions": "What to do first",
    "actions_none": "Nothing stands out. The figures below show how the shop is doing.",
    "find_lapsed_title": "{customers} regular has gone quiet | {customers} regulars have gone quiet",
    "find_lapsed_text": "They used to buy every {usual} days or so and have been silent for {silence}. Together they "
    "were worth {yearly} a year. Write to them first, the most valuable by hand: an order from each would bring about "
    "{next}.",
    "find_window_title": "Ask for the second order within {days} day | Ask for the second order within {days} days",
    "find_window_text": "Half of all second orders come within {half} days of the first, four fifths within {most}. "
    "Send the follow-up before day {half} and the last reminder before day {most}. Customers in this window right "
    "now: {now}.",
    "find_once_title": "{customers} customer ordered once and is past that window"
    " | {customers} customers ordered once and are past that window",
    "find_once_text": "They are {share} of all customers. Each brought {first} on the first order on average, against "
    "{repeaters} for those who came back. One last good offer, then leave them in peace.",
    "find_concentration_title": "A tenth of the customers holds {share} of the value",
    "find_concentration_text": "That is {customers} people. Know them by name, ask before they leave, and never test "
    "a price on them first. The list is under Value.",
    "find_single_title": "One customer is {share} of the value",
    "find_single_text": "Losing this one customer would be felt at once. Speak with them, and plan the year without "
    "them as well.",
    "find_basis_title": "These values are revenue, not profit",
    "find_basis_text": "Goods, shipping, fees and VAT are not taken off. Give cost columns or rates and the ranking "
    "of customers may change: who buys only with discounts falls.",
    "find_estimated_title": "{share} of the costs are estimates",
    "find_estimated_text": "They come from stated rates, not from the orders. Add the missing cost columns to the "
    "export before deciding about discounts.",
    "find_rejected_title": "{rows} row could not be read | {rows} rows could not be read",
    "find_rejected_text": "That is {share} of all rows; the most frequent reason: {reason}. The list under Data names "
    "row and column. Correct it in the source and compute again.",
    "find_guests_title": "{share} of the rows belong to nobody",
    "find_guests_text": "{rows} rows have no customer, most often guests. Their orders count for no one, so customers "
    "look less loyal than they are. Join them by e-mail address where the law allows it.",
    "find_bias_title": "Trust the ranking more than the sum",
    "find_bias_text": "In the backtests the total was off by {error} on average. Use the forecast to choose whom to "
    "write to, not yet for the budget.",
    "find_naive_title": "A simple rule forecasts as well here",
    "find_naive_text": "None of the models beat {naive} on this shop's own past. The report uses the best there is; "
    "more history may change it.",
    "find_small_title": "Only {customers} customer came back so far | Only {customers} customers came back so far",
    "find_small_text": "The intervals say so: they are wide. Typical shops steady the figures until more orders are "
    "in.",
    "find_none_title": "Nobody has come back yet",
    "find_none_text": "Without second orders nobody can say what a customer will be worth. Ask the first customers "
    "for their second order, and compute again in a few weeks.",
    # --- value
    "value": "Where the value sits",
    "value_lead": "Value so far, sorted from the best customer to the least.",
    "value_none": "This needs at least ten customers.",
    "concentration_title": "The best tenth of customers brought {tenth} of the value",
    "concentration_summary": "The best fifth brought {fifth}, the better half {half}, the largest single customer "
    "{single}.",
    "concentration_table": "Share of value by share of customers",
    "axis_value_share": "Share of value",
    "axis_customer_share": "Share of customers, best first",
    "label_alike": "if all were alike",
    "label_top": "best {share}: {value}",
    "row_best": "best {share}",
    "best": "The customers expected to bring most",
    "best_table": "Customers with the highest expected value over {horizon}",
    # --- columns
    "column_customers": "Customers",
    "column_customer": "Customer",
    "column_orders": "Order days",
    "column_last_order": "Last order",
    "column_historic": "So far",
    "column_alive": "Still customer",
    "column_predicted": "Expected",
    "column_interval": "Interval",
    "column_low": "From",
    "column_high": "To",
    "column_error": "Error in %",
    "column_week": "Week of",
    "column_month": "Month",
    "column_quarter": "Quarter",
    "column_year": "Year",
    "column_cohort_month": "First order in",
    "column_cohort_quarter": "First order in",
    "column_cohort_year": "First order in",
    "column_value_per_customer": "Value per customer",
    "column_again": "Came back",
    "interval": "{low} to {high}",
    # --- cohorts
    "cohorts": "How value grows with age",
    "cohorts_lead": "Customers grouped by the period of their first order and compared at the same age, always per "
    "original customer.",
    "cohorts_none": "This needs a full period after the first orders. Come back when the shop's first customers are a "
    "month older.",
    "cohort_value_title_month": "After {age} month a customer has brought {value} on average"
    " | After {age} months a customer has brought {value} on average",
    "cohort_value_title_quarter": "After {age} quarter a customer has brought {value} on average"
    " | After {age} quarters a customer has brought {value} on average",
    "cohort_value_title_year": "After {age} year a customer has brought {value} on average"
    " | After {age} years a customer has brought {value} on average",
    "cohort_value_summary": "In the period of the first order it was {first}, at the end {value}; there is one cohort "
    "so far."
    " | In the period of the first order it was {first}, at the end {value}; thin lines are the {cohorts} cohorts "
    "behind the mean.",
    "cohort_value_note": "Bold: mean of the cohorts that have reached that age. Thin: single cohorts. Periods that "
    "are not over are left out.",
    "cohort_value_table": "Value so far per original customer, by periods since the first order",
    "axis_value_per_customer": "Value per customer {currency}",
    "axis_age_month": "Months since first order",
    "axis_age_quarter": "Quarters since first order",
    "axis_age_year": "Years since first order",
    "label_mean": "all",
    "retention_title_month": "{next} order again in the next month"
    " | {next} order again in the next month, {last} in month {age}",
    "retention_title_quarter": "{next} order again in the next quarter"
    " | {next} order again in the next quarter, {last} in quarter {age}",
    "retention_title_year": "{next} order again in the next year"
    " | {next} order again in the next year, {last} in year {age}",
    "retention_summary_month": "Of the customers of a month {next} order in the month after, on average over all "
    "cohorts old enough."
    " | Of the customers of a month {next} order in the month after, and {last} in month {age}, on average over all "
    "cohorts old enough.",
    "retention_summary_quarter": "Of the customers of a quarter {next} order in the quarter after, on average over "
    "all cohorts old enough."
    " | Of the customers of a quarter {next} order in the quarter after, and {last} in quarter {age}, on average over "
    "all cohorts old enough.",
    "retention_summary_year": "Of the customers of a year {next} order in the year after, on average over all cohorts "
    "old enough."
    " | Of the customers of a year {next} order in the year after, and {last} in year {age}, on average over all "
    "cohorts old enough.",
    "retention_note": "Per cent of the cohort's customers who ordered in that period. Grey, or with a star in the "
    "table: the period is not over.",
    "retention_table": "Share of customers who ordered, by periods since the first order",
    "groups_title_channel": "Customers who came by {name} are worth most",
    "groups_title_country": "Customers from {name} are worth most",
    "groups_title_product": "Customers who began with {name} are worth most",
    "groups_summary": "Within {days} days of the first order they brought {value} each; with {last} it was {least}. "
    "That is no proof that one made the other.",
    "groups_table": "Value per customer within {days} of the first order, by {by}",
    "by_channel": "first channel",
    "by_country": "country",
    "by_product": "first product",
    # --- second order
    "second": "The second order",
    "second_lead": "The largest step in a customer's life is from the first order to the second.",
    "second_none": "Nobody has ordered a second time yet, so there is no curve to draw.",
    "second_order_title": "Half of the second orders come within {days} day"
    " | Half of the second orders come within {days} days",
    "second_order_summary": "By day {end} after the first order {share} have come back; half of the second orders "
    "came by day {days}, four fifths by day {most}.",
    "second_order_note": "Share who came back by that day, customers too young to tell counted fairly (Kaplan–Meier). "
    "Band: 95% interval.",
    "second_order_table": "Share of customers who came back, by days since the first order",
    "axis_days": "Days since first order",
    "axis_came_back": "Share who came back",
    "label_half": "half by day {days}",
    "label_most": "four fifths by day {days}",
    "row_within": "within {days} day | within {days} days",
    "once": "Who ordered only once",
    "once_text": "{customers} customer ({share}) has ordered once: {first}, {days} days ago. The first order of those "
    "who came back was {repeaters} on average."
    " | {customers} customers ({share}) have ordered once. The first order was {first} on average, against "
    "{repeaters} of those who came back; half of them ordered more than {days} days ago.",
    "once_text_all": "{customers} customer has ordered once: {first}, {days} days ago. Nobody has come back yet."
    " | {customers} customers have ordered once, {first} on average, half of them more than {days} days ago. Nobody "
    "has come back yet.",
    "once_active": "By the model about one of them is still a customer."
    " | By the model about {active} of them are still customers.",
    # --- still customers
    "alive": "Who is still a customer",
    "alive_lead": "Nobody says goodbye to a shop. Silence has to be read against a customer's own rhythm.",
    "alive_none": "This needs a fitted model, and that needs customers who came back.",
    "alive_all": "The orders show no sign that customers of this shop leave for good: by the model nearly everyone is "
    "still a customer, some at a slow pace. So there is no map to draw; the expected value of each customer says "
    "more.",
    "alive_title": "{customers} customer is more likely gone than not ({share})"
    " | {customers} customers are more likely gone than not ({share})",
    "alive_summary": "A customer with {orders} or more orders who has been silent for {days} days is more likely gone "
    "than not.",
    "alive_summary_none": "In no group of customers with two or more orders is the typical customer more likely gone "
    "than not.",
    "alive_note": "Mean probability of still being a customer, in per cent; on wide screens the number of customers "
    "below it. It is a probability, not a verdict on any one of them.",
    "alive_table": "Mean probability of still being a customer (number of customers), by order days and days since "
    "the last order",
    "axis_silence": "Days since last order",
    "axis_orders": "Order days",
    # --- trust
    "trust": "How far to trust the forecast",
    "trust_lead": "The forecast was tried on the past: computed from what was known on an earlier day, then compared "
    "with what came.",
    "trust_missing": "The history is too short or too small to try a forecast on it. Read all forecasts with this in "
    "mind.",
    "tracking_title": "Orders after {origin} were forecast {off}",
    "tracking_summary": "The model expected {expected} repeat order days without seeing any of them; {actual} came.",
    "tracking_note": "Repeat order days of all customers, counted and expected; of those who came later, from their "
    "own first order on. The model saw only what lies left of the dashed line.",
    "tracking_table": "Repeat order days, counted and expected",
    "label_actual": "counted",
    "label_expected": "expected",
    "label_origin": "seen by the model",
    "label_ahead": "not seen by the model",
    "axis_repeat_orders_week": "Repeat order days a week",
    "axis_repeat_orders_month": "Repeat order days a month",
    "axis_repeat_orders_quarter": "Repeat order days a quarter",
    "axis_repeat_orders_year": "Repeat order days a year",
    "calibration_title": "The best tenth was expected to bring {best_predicted} each and brought {best_actual}",
    "calibration_summary": "From {origin} to {end}, {predicted} were expected in all and {actual} came ({error}); "
    "each row is a tenth of the customers, those with the highest forecast first.",
    "calibration_note": "Ring: expected mean per customer. Dot: what came. The closer they are, the better.",
    "calibration_table": "Mean value per customer, expected and actual, by tenths of the forecast",
    "axis_tenth": "Tenth",
    "axis_mean_value": "Mean value per customer {currency}",
    "label_predicted": "expected",
    "label_came": "came",
    "models": "The candidates",
    "models_text_good": "Chosen: {model}. In {origins} backtest over {days} days it did better than the best simple "
    "rule ({naive})."
    " | Chosen: {model}. In {origins} backtests over about {days} days it did better than the best simple rule "
    "({naive}).",
    "models_text_naive": "No model beats the simple rule {naive} over {origins} backtest of {days} days. The figures "
    "of this report are no better than that rule; treat them so."
    " | No model beats the simple rule {naive} over {origins} backtests of {days} days. The figures of this report "
    "are no better than that rule; treat them so.",
    "models_table": "Candidates over all backtests, best first",
    "column_model": "Candidate",
    "column_value_error": "Value missed by, per customer",
    "column_order_error": "Orders missed by, per customer",
    "column_total_error": "Total off by",
    "column_ranking": "Ranking (1 is perfect)",
    "tag_chosen": "chosen",
    "tag_naive": "simple rule",
    "model_auto": "Automatic choice: the best model of timing, adjusted by what this shop's own past taught",
    "model_own-pace": "Own pace: everyone goes on as until now",
    "model_last-period": "Last time again: everyone repeats what the last period as long as the forecast brought",
    "model_nbd": "NBD: everyone buys at their own pace and nobody ever stops",
    "model_bg-nbd": "BG/NBD: everyone buys at their own pace and may stop after any order",
    "model_mbg-nbd": "MBG/NBD: as BG/NBD, and may stop after the first order too",
    "model_pareto-nbd": "Pareto/NBD: everyone buys at their own pace and may stop at any time",
    "model_bg-cnbd-k": "BG/CNBD-k: as BG/NBD, with a regular rhythm between orders",
    "model_mbg-cnbd-k": "MBG/CNBD-k: as MBG/NBD, with a regular rhythm between orders",
    "model_boost": "Boosted trees: a model of timing, corrected by what trees learnt from this shop's own past",
    # --- data
    "data": "What the figures rest on",
    "data_lead": "Compare the totals with the shop's own reports before acting on anything here.",
    "rows_table": "From the rows read to the rows used",
    "column_step": "",
    "column_rows": "Rows",
    "column_amount": "Amount",
    "row_read": "Read",
    "row_rejected": "left out: {reason}",
    "row_other": "left out: other",
    "row_accepted": "Used",
    "row_refunds": "of these refunds",
    "rejects_summary": "Show examples of rows left out",
    "rejects_table": "Examples of rows left out",
    "column_row": "Row",
    "column_column": "Column",
    "column_reason": "Reason",
    "column_value": "What stood there",
    "estimated": "{share} of the costs were estimated from stated rates.",
    "estimated_none": "No cost was estimated.",
    "no_costs": "No costs were given, so values are revenue net of refunds.",
    "warnings": "Notes of the computation",
    "quality_none": "All rows could be used.",
    "quality_unknown": "The report was made from a ready summary of each customer; nothing is known of the rows "
    "behind it.",
    # --- terms
    "terms": "Words used here",
    "term_value": "Value",
    "term_value_text": "What a customer brought or is expected to bring, on the basis named above, refunds taken off.",
    "term_order_day": "Order day",
    "term_order_day_text": "A day on which a customer ordered; several orders of one day count once.",
    "term_alive": "Still a customer",
    "term_alive_text": "The probability that someone is still a customer, given how often and how recently they "
    "ordered.",
    "term_interval": "Interval",
    "term_interval_text": "The true figure lies within it with {level} probability, if the future is like the past.",
    "term_cohort": "Cohort",
    "term_cohort_text": "All customers whose first order fell into the same period.",
    "term_backtest": "Backtest",
    "term_backtest_text": "A forecast made from old data for a time that is already over, to see how good it was.",
    "term_ranking": "Ranking",
    "term_ranking_text": "How well a forecast sorts customers by what they will bring: 1 is perfect, 0 is chance "
    "(normalised Gini).",
    # --- reasons of rejection
    "reason_no_customer": "no customer",
    "reason_no_date": "no date",
    "reason_bad_date": "date not readable",
    "reason_no_amount": "no amount",
    "reason_bad_amount": "amount not readable",
    "reason_crooked_row": "more values than columns",
    "reason_further_line": "further line of an order already counted",
    "reason_no_currency": "no currency",
    "reason_no_quantity": "no quantity",
    "reason_bad_quantity": "quantity not readable",
    "reason_no_price": "no price",
    "reason_bad_price": "price not readable",
    "reason_bad_refund": "refund not readable",
    "reason_bad_discount": "discount not readable",
    "reason_bad_shipping_charged": "shipping not readable",
    "reason_amount_too_large": "amount too large to be true",
    "reason_not_paid": "not paid",
    "reason_refunded": "refunded as a whole",
    "reason_future_date": "date in the future",
    "reason_duplicate": "duplicate",
    "reason_test_product": "test product",
    "reason_test_order": "test order",
    "reason_cancelled": "cancelled",
}

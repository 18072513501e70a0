-- stg_service_outcomes
-- what:    services and complaints of a unit by month
-- grain:   one row per unit_code and month
-- reads:   accepted.service_outcomes
-- params:  none
select unit_code, month, services, complaints, complaints_on_time, median_minutes
from accepted.service_outcomes

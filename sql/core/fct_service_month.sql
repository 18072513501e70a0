-- fct_service_month
-- what:    services and complaints of a unit by month
-- grain:   one row per unit_code and month
-- reads:   staging.stg_service_outcomes
-- params:  none
select
    unit_code,
    month,
    services,
    complaints,
    complaints_on_time,
    median_minutes,
    cycle_of(month) as cycle
from staging.stg_service_outcomes

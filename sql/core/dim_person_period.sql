-- dim_person_period
-- what:    where a person worked and as what, from a day (inclusive) to a day (exclusive, null: still)
-- grain:   one row per person_key and valid_from
-- reads:   staging.stg_roster
-- params:  none
select person_key, valid_from, valid_to, unit_code, status, position_type, sex, contract_start, exit_date
from staging.stg_roster

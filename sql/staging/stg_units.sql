-- stg_units
-- what:    units as they are called last
-- grain:   one row per unit_code
-- reads:   accepted.units
-- params:  none
select
    unit_code,
    arg_max(unit_name, valid_from) as unit_name,
    arg_max(unit_type, valid_from) as unit_type,
    arg_max(parent_code, valid_from) as parent_code
from accepted.units
group by unit_code

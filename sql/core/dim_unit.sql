-- dim_unit
-- what:    units with the office they belong to
-- grain:   one row per unit_code
-- reads:   staging.stg_units
-- params:  none
select
    unit_code,
    unit_name,
    unit_type,
    parent_code,
    case when unit_type = 'office' then unit_code else coalesce(parent_code, unit_code) end as office_code
from staging.stg_units

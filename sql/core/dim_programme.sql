-- dim_programme
-- what:    the programme catalogue
-- grain:   one row per programme_code
-- reads:   staging.stg_programmes
-- params:  none
select
    programme_code,
    programme_name,
    method,
    jp_form,
    competence_code,
    need_source,
    jp_designed,
    partner_code,
    partner_role
from staging.stg_programmes

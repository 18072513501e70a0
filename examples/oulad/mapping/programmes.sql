-- programmes
-- what:    modules; hours (JP) are not in the tables, so the least that the contract takes stands there
-- grain:   one row per code_module
-- reads:   presentations
-- note:    nothing is computed from these hours: there are no sessions and no attendance
select distinct
    code_module as programme_code,
    'Module ' || code_module as programme_name,
    'elearning' as method,
    'elearning' as jp_form,
    'none' as need_source,
    1 as jp_designed
from presentations
order by programme_code

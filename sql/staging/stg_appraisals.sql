-- stg_appraisals
-- what:    appraisals with the predicate that went before
-- grain:   one row per person_key and period_end
-- reads:   accepted.appraisals
-- params:  none
select
    person_key,
    period_end,
    lag(predicate) over (partition by person_key order by period_end) as previous_predicate,
    predicate
from accepted.appraisals

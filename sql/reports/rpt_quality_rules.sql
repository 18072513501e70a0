-- rpt_quality_rules
-- what:    rules that put rows aside, what they say, and how many faults they found
-- grain:   one row per rule
-- reads:   quality.quarantine, quality.rules
-- params:  none
with faults as (
    select rule, count(*) as faults
    from quality.quarantine
    where severity = 'critical'
    group by rule
)

select rules.dataset, rules.rule, rules.message_id, faults.faults
from faults
inner join quality.rules as rules on rules.rule = faults.rule
order by faults.faults desc, rules.dataset, rules.rule

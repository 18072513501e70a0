-- rpt_decisions
-- what:    the decisions asked for in the cycle before, with their state
-- grain:   one row per decision_code
-- reads:   core.dim_decision
-- params:  $previous
select decision_code, title, owner, due_on, status, status_on, reason, outcome
from core.dim_decision
where cycle = $previous
order by decision_code

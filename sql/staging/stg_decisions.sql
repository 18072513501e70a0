-- stg_decisions
-- what:    decisions of the people responsible, with their state
-- grain:   one row per decision_code
-- reads:   accepted.decisions
-- params:  none
select decision_code, cycle, title, owner, due_on, status, status_on, cost_amount, reason, outcome
from accepted.decisions

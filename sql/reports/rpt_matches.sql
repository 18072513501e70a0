-- rpt_matches
-- what:    by what the people named in the cycle's batches were known
-- grain:   one row per known_by
-- reads:   core.fct_match
-- params:  $cycle
select known_by, cast(sum(people) as bigint) as people, cast(sum(row_count) as bigint) as row_count
from core.fct_match
where cycle = $cycle
group by known_by
order by known_by

-- rpt_jp_shortfall
-- what:    active PNS with fewer than 20 hours (JP) this year, and the hours they lack
-- grain:   one row
-- reads:   core.dim_person_period, core.fct_attendance
-- params:  $year_start, $cycle_end
with active as (
    select person_key
    from core.dim_person_period
    where
        status = 'PNS'
        and valid_from < $cycle_end
        and (valid_to is null or valid_to >= $cycle_end)
        and (exit_date is null or exit_date >= $cycle_end)
),

hours as (
    select person_key, sum(jp_attended) as jp
    from core.fct_attendance
    where starts_at >= $year_start and starts_at < $cycle_end
    group by person_key
)

select
    count(*) as persons,
    coalesce(sum(20 - coalesce(hours.jp, 0)), 0) as jp_missing
from active
left join hours on hours.person_key = active.person_key
where coalesce(hours.jp, 0) < 20

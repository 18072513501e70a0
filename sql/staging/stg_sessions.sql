-- stg_sessions
-- what:    sessions as planned, and those known only from attendance where no plan was given
-- grain:   one row per batch_code and starts_at
-- reads:   accepted.sessions, accepted.attendance, accepted.batches, accepted.programmes
-- params:  none
-- note:    an agency that gives no session plan still gets hours: the programme's JP, shared equally
with seen as (
    select distinct batch_code, session_starts_at as starts_at
    from accepted.attendance
    where batch_code not in (select sessions.batch_code from accepted.sessions as sessions)
),
counted as (
    select seen.batch_code, seen.starts_at, count(*) over (partition by seen.batch_code) as session_count
    from seen
)
select
    sessions.batch_code,
    sessions.session_code,
    sessions.starts_at,
    sessions.ends_at,
    sessions.jp,
    sessions.trainer_code,
    sessions.meeting_id
from accepted.sessions as sessions
union all
select
    counted.batch_code,
    counted.batch_code || '@' || strftime(counted.starts_at, '%Y%m%dT%H%M') as session_code,
    counted.starts_at,
    cast(null as timestamp) as ends_at,
    cast(programmes.jp_designed / counted.session_count as decimal(18, 4)) as jp,
    cast(null as varchar) as trainer_code,
    cast(null as varchar) as meeting_id
from counted
inner join accepted.batches as batches on batches.batch_code = counted.batch_code
inner join accepted.programmes as programmes on programmes.programme_code = batches.programme_code

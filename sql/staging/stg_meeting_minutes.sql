-- stg_meeting_minutes
-- what:    minutes a person was connected to a session: the union of connections, clipped to the schedule
-- grain:   one row per session_code and person_key
-- reads:   accepted.presence, accepted.sessions
-- params:  none
-- note:    a file without its meeting's ID is tied to a batch (see chk_filing) and so to its sessions by time;
--          overlapping connections (two devices, a rejoin) count once
with held as (
    select presence.person_key, presence.joined_at, presence.left_at, sessions.session_code
    from accepted.presence as presence
    inner join accepted.sessions as sessions
        on replace(sessions.meeting_id, ' ', '') = replace(presence.meeting_id, ' ', '')
    where presence.batch_code is null and presence.punch is null
    union all
    select presence.person_key, presence.joined_at, presence.left_at, sessions.session_code
    from accepted.presence as presence
    inner join accepted.sessions as sessions on sessions.batch_code = presence.batch_code
    where presence.punch is null
),
clipped as (
    select
        sessions.session_code,
        held.person_key,
        greatest(held.joined_at, sessions.starts_at) as from_at,
        least(held.left_at, sessions.ends_at) as to_at
    from held
    inner join accepted.sessions as sessions
        on
            sessions.session_code = held.session_code
            and held.joined_at < sessions.ends_at
            and held.left_at > sessions.starts_at
    where held.person_key is not null
),
ordered as (
    select
        *,
        max(to_at) over (
            partition by session_code, person_key
            order by from_at, to_at
            rows between unbounded preceding and 1 preceding
        ) as covered_to
    from clipped
)
select
    session_code,
    person_key,
    sum(
        date_diff('second', greatest(from_at, coalesce(covered_to, from_at)), to_at)
    ) filter (to_at > coalesce(covered_to, from_at)) as connected_seconds
from ordered
group by session_code, person_key

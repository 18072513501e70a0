-- stg_attendance
-- what:    what is recorded about a person at a session: a mark on a list, minutes in a meeting, or punches
-- grain:   one row per batch_code, session_code and person_key
-- reads:   accepted.attendance, accepted.sessions, staging.stg_sessions, staging.stg_meeting_minutes, staging.stg_terminal_stays, config.rules
-- params:  none
-- note:    a mark on a list wins; who was at the place or in the meeting was present; the share that counts as present is configuration
with marked as (
    select sessions.batch_code, sessions.session_code, attendance.person_key, attendance.status
    from accepted.attendance as attendance
    inner join staging.stg_sessions as sessions
        on
            sessions.batch_code = attendance.batch_code
            and sessions.starts_at = attendance.session_starts_at
),
measured as (
    select session_code, person_key, connected_seconds as seconds, false as is_single
    from staging.stg_meeting_minutes
    union all
    select session_code, person_key, stayed_seconds as seconds, is_single
    from staging.stg_terminal_stays
),
met as (
    select
        sessions.batch_code,
        sessions.session_code,
        measured.person_key,
        max(
            case
                when measured.is_single then if(single.value >= 1, 'P', 'A')
                when
                    measured.seconds >= share.value * date_diff('second', sessions.starts_at, sessions.ends_at)
                    then 'P'
                else 'A'
            end
        ) as status -- of P and A the later letter: present by one of the two is present
    from measured
    inner join accepted.sessions as sessions on sessions.session_code = measured.session_code
    inner join config.rules as share on share.name = 'present_share'
    inner join config.rules as single on single.name = 'single_punch_present'
    group by sessions.batch_code, sessions.session_code, measured.person_key
)
select batch_code, session_code, person_key, status from marked
union all
select met.batch_code, met.session_code, met.person_key, met.status
from met
anti join marked using (session_code, person_key)

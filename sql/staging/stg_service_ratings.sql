-- stg_service_ratings
-- what:    the nine elements of the citizens' survey in long form, of respondents who answered enough
-- grain:   one row per response_code, unit_code and element
-- reads:   accepted.service_survey, config.rules
-- params:  none
-- note:    a respondent counts from 55 % of the elements asked (DOMAIN 7.12); the share is configuration
with long as (
    unpivot (
        select
            response_code,
            unit_code,
            surveyed_on,
            requirements,
            procedure,
            duration,
            tariff,
            product,
            staff_competence,
            staff_behaviour,
            complaint_handling,
            facilities
        from accepted.service_survey
    )
    on
        requirements, procedure, duration, tariff, product,
        staff_competence, staff_behaviour, complaint_handling, facilities
    into name element value rating
),
counted as (
    select *, count(*) over (partition by unit_code, response_code) as answered
    from long
)
select
    counted.response_code,
    counted.unit_code,
    counted.surveyed_on,
    counted.element,
    counted.rating
from counted
inner join config.rules as rules on rules.name = 'skm_minimum_share'
where counted.answered >= rules.value * 9

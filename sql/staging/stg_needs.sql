-- stg_needs
-- what:    rated competence against the standard of the person's position
-- grain:   one row per person_key, competence_code, rater and assessed_on
-- reads:   accepted.needs, accepted.competences, staging.stg_roster
-- params:  none
select
    needs.person_key,
    roster.unit_code,
    needs.competence_code,
    needs.rater,
    needs.assessed_on,
    needs.actual_level,
    competences.standard_level,
    needs.importance,
    needs.cause
from accepted.needs as needs
left join staging.stg_roster as roster
    on
        roster.person_key = needs.person_key
        and roster.valid_from <= needs.assessed_on
        and (roster.valid_to is null or roster.valid_to > needs.assessed_on)
left join accepted.competences as competences
    on
        competences.competence_code = needs.competence_code
        and competences.position_type = roster.position_type

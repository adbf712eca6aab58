package provisioning

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"locum/models"
)

// ConnectorState is whether a connector gives its role.
type ConnectorState string

// The states of a connector. Only one that is on counts; a draft has never been
// published, and one that is off has.
const (
	On    ConnectorState = "on"
	Off   ConnectorState = "off"
	Draft ConnectorState = "draft"
)

// Target is where a role is given: the company, an organization, or an
// application in an organization. What does not apply to the level is empty.
type Target struct {
	Level        models.Level `json:"level"`
	Organization string       `json:"organization,omitempty"`
	Application  string       `json:"application,omitempty"`
}

// compare orders targets from wide to narrow.
func (t Target) compare(other Target) int {
	return cmp.Or(
		cmp.Compare(t.width(), other.width()),
		strings.Compare(t.Organization, other.Organization),
		strings.Compare(t.Application, other.Application))
}

func (t Target) width() int {
	switch t.Level {
	case models.CompanyLevel:
		return 0
	case models.OrganizationLevel:
		return 1
	}
	return 2
}

// Connector is one rule: who satisfies the condition has the role at the target.
type Connector struct {
	ID        string
	Name      string
	State     ConnectorState
	Condition Condition
	Target    Target
	Role      string // the role's id
	Note      string
	Version   int // rises with each saved change, and stands in the evidence

	// Family is set when the role is one of a family of which a person has one
	// at a target. Of those that match, the connector with the lowest Rank
	// decides. Without a family roles add up.
	Family string
	Rank   int
}

// Limits on the texts of a connector, in characters.
const (
	MaxConnectorName = 120
	MaxConnectorNote = 2000
)

// Check is nil for a connector that can be saved, and otherwise a *models.Error
// with what is wrong, by field: name, note, state, level, organization,
// application, role, and the paths of Condition.Check. Whether the target and
// the role exist is for the store to say.
func (c Connector) Check() error {
	wrong := models.FieldErrors{}
	if strings.TrimSpace(c.Name) == "" {
		wrong.Add("name", "provisioning.error.name_missing")
	}
	if utf8.RuneCountInString(c.Name) > MaxConnectorName {
		wrong.Add("name", "provisioning.error.too_long", "Most", MaxConnectorName)
	}
	if utf8.RuneCountInString(c.Note) > MaxConnectorNote {
		wrong.Add("note", "provisioning.error.too_long", "Most", MaxConnectorNote)
	}
	if c.State != On && c.State != Off && c.State != Draft {
		wrong.Add("state", "provisioning.error.state_unknown")
	}
	if c.Role == "" {
		wrong.Add("role", "provisioning.error.role_missing")
	}
	c.Target.check(wrong)
	c.Condition.check("condition", wrong)
	return wrong.Err()
}

func (t Target) check(wrong models.FieldErrors) {
	switch t.Level {
	case models.CompanyLevel, models.OrganizationLevel, models.ApplicationLevel:
	default:
		wrong.Add("level", "provisioning.error.level_unknown")
		return
	}
	inside := t.Level != models.CompanyLevel
	switch {
	case inside && t.Organization == "":
		wrong.Add("organization", "provisioning.error.organization_missing")
	case !inside && t.Organization != "":
		wrong.Add("organization", "provisioning.error.organization_unwanted")
	}
	within := t.Level == models.ApplicationLevel
	switch {
	case within && t.Application == "":
		wrong.Add("application", "provisioning.error.application_missing")
	case !within && t.Application != "":
		wrong.Add("application", "provisioning.error.application_unwanted")
	}
}

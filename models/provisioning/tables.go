package provisioning

import (
	"encoding/json"

	"locum/models"
)

// Saved is a connector with its history's ends.
type Saved struct {
	Connector
	CreatedByName string
	CreatedAt     models.Instant
	UpdatedAt     models.Instant
	ChangedByName string // who made the version that holds now
	People        int    // who hold a role through it now
}

// connectorRow is a connector as it is stored.
type connectorRow struct {
	CompanyID      string `gorm:"primaryKey"`
	ID             string `gorm:"primaryKey"`
	Name           string
	State          ConnectorState
	Level          models.Level
	OrganizationID string
	ApplicationID  string
	RoleID         string
	Condition      string
	Note           string
	Sort           int
	Version        int64
	CreatedBy      string
	CreatedByName  string
	CreatedAt      models.Instant
	UpdatedAt      models.Instant
	DeletedAt      *models.Instant
}

// TableName is the table of connectors.
func (connectorRow) TableName() string { return "connectors" }

func (r connectorRow) saved() (Saved, error) {
	s := Saved{CreatedByName: r.CreatedByName, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	s.Connector = Connector{ID: r.ID, Name: r.Name, State: r.State, Role: r.RoleID, Note: r.Note, Version: int(r.Version),
		Target: Target{Level: r.Level, Organization: r.OrganizationID, Application: r.ApplicationID}}
	return s, json.Unmarshal([]byte(r.Condition), &s.Condition)
}

// take fills in what a manager decides about a connector.
func (r *connectorRow) take(c Connector) error {
	condition, err := json.Marshal(c.Condition)
	r.Name, r.State, r.Note, r.RoleID, r.Condition = c.Name, c.State, c.Note, c.Role, string(condition)
	r.Level, r.OrganizationID, r.ApplicationID = c.Target.Level, c.Target.Organization, c.Target.Application
	return err
}

// Version is what a connector was at one time, and who made it so.
type Version struct {
	CompanyID   string `gorm:"primaryKey"`
	ConnectorID string `gorm:"primaryKey"`
	Version     int64  `gorm:"primaryKey;autoIncrement:false"`
	Rule        string // JSON: see Read
	Reason      string
	RunID       string // the publication that it is part of; empty where nobody was touched
	MadeBy      string
	MadeByName  string
	MadeAt      models.Instant
}

// TableName is the table of versions.
func (Version) TableName() string { return "connector_versions" }

// versionJSON is the rule of a version. A deleted connector has a last version
// that says so.
type versionJSON struct {
	Name      string         `json:"name"`
	State     ConnectorState `json:"state"`
	Condition Condition      `json:"condition"`
	Target    Target         `json:"target"`
	Role      string         `json:"role"`
	Note      string         `json:"note,omitempty"`
	Deleted   bool           `json:"deleted,omitempty"`
}

// Read gives the connector as it was, and whether it was deleted then.
func (v Version) Read() (c Connector, deleted bool, err error) {
	var rule versionJSON
	if err := json.Unmarshal([]byte(v.Rule), &rule); err != nil {
		return c, false, err
	}
	return Connector{ID: v.ConnectorID, Name: rule.Name, State: rule.State, Condition: rule.Condition, Target: rule.Target,
		Role: rule.Role, Note: rule.Note, Version: int(v.Version)}, rule.Deleted, nil
}

// profileRow is what is known of a person in a company, as of the last reading.
type profileRow struct {
	CompanyID   string `gorm:"primaryKey"`
	AccountID   string `gorm:"primaryKey"`
	SourceID    string `gorm:"primaryKey"` // the connection, later also the directory
	Attributes  string // JSON of Profile
	AssertionID string
	AssertedAt  models.Instant
}

// TableName is the table of profiles.
func (profileRow) TableName() string { return "profiles" }

package feed

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"locum/models/event"
	"locum/models/store"
)

// version is the spec_version of every body.
const version = "1"

// layout is how times are written: RFC 3339 in UTC, with microseconds.
const layout = "2006-01-02T15:04:05.000000Z"

// Directory events keep a published shape, whose organization_id is the company
// and whose data is the event's own; nothing may be added at its top. Every
// other body says company and organization by name.
type directoryBody struct {
	SpecVersion    string `json:"spec_version"`
	ID             string `json:"id"`
	Type           string `json:"type"`
	Object         string `json:"object"`
	EnvironmentID  string `json:"environment_id"`
	OrganizationID string `json:"organization_id"`
	OccurredAt     string `json:"occurred_at"`
	Timestamp      string `json:"timestamp"`
	Data           any    `json:"data"`
}

type ownBody struct {
	SpecVersion    string         `json:"spec_version"`
	ID             string         `json:"id"`
	Type           string         `json:"type"`
	Object         string         `json:"object"`
	EnvironmentID  string         `json:"environment_id"`
	CompanyID      string         `json:"company_id,omitempty"`
	OrganizationID string         `json:"organization_id,omitempty"`
	OccurredAt     string         `json:"occurred_at"`
	Timestamp      string         `json:"timestamp"`
	Sequence       int64          `json:"sequence"`
	Actor          *actor         `json:"actor"`
	Cause          cause          `json:"cause"`
	Previous       map[string]any `json:"previous_attributes,omitempty"`
	Data           map[string]any `json:"data"`
}

// actor is who did it; nil when Locum did it by itself.
type actor struct {
	ID           string `json:"id,omitempty"`
	Name         string `json:"name"`
	Organization string `json:"organization,omitempty"` // the name of the one he belongs to
	DelegationID string `json:"delegation_id,omitempty"`
	VisitID      string `json:"visit_id,omitempty"`
}

// cause is by what it came about.
type cause struct {
	Kind   string `json:"kind"` // "rule", "directory", "manual", "default", "delegation", or a channel
	ID     string `json:"id,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Names are what ids in events are called.
type Names struct {
	Environment string // id of this installation
	Roles       map[string]string
}

// Body writes an event as the API gives it, and webhooks that belong to no
// application.
func Body(e store.Event, names Names) (json.RawMessage, error) { return BodyFor(e, names, "") }

// BodyFor is Body for a receiver that belongs to an application, by its id: people
// of a directory are told of with their roles in it, not with the company's.
func BodyFor(e store.Event, names Names, application string) (json.RawMessage, error) {
	data := map[string]any{}
	if err := json.Unmarshal([]byte(e.Data), &data); err != nil {
		return nil, fmt.Errorf("feed: the data of %s: %w", e.ID, err)
	}
	at := stamp(e.OccurredAt.Time)
	if Family(e.Type) == Directory {
		return json.Marshal(directoryBody{SpecVersion: version, ID: e.ID, Type: e.Type, Object: objectOf(e.Type), EnvironmentID: names.Environment,
			OrganizationID: e.CompanyID, OccurredAt: at, Timestamp: at, Data: directoryData(e, data, application)})
	}
	body := ownBody{SpecVersion: version, ID: e.ID, Type: e.Type, Object: objectOf(e.Type), EnvironmentID: names.Environment, CompanyID: e.CompanyID,
		OrganizationID: e.OrganizationID, OccurredAt: at, Timestamp: at, Sequence: e.Position, Actor: actorOf(e), Cause: causeOf(e, data),
		Previous: previous(e.Type, data), Data: data}
	if body.CompanyID == store.Platform {
		body.CompanyID = ""
	}
	if role, named := data["role"].(string); named && role != "" {
		data["role"] = map[string]any{"id": role, "name": names.Roles[role]}
	}
	if family := Family(e.Type); family == "session" || family == "break_glass" && e.SubjectID == e.SessionID {
		e.SubjectID = "" // sessions are nobody's business
	}
	if e.SubjectID != "" || e.SubjectName != "" {
		data["subject"] = map[string]any{"id": e.SubjectID, "name": e.SubjectName}
	}
	return json.Marshal(body)
}

// directoryData is the published object of a directory's event. One that was
// recorded without it is told in the same shape, by what is known of it.
func directoryData(e store.Event, data map[string]any, application string) any {
	if object, ok := data[event.Object].(map[string]any); ok {
		if _, roles := object["roles"]; roles && application != "" {
			object["roles"] = rolesIn(data, application)
		}
		return object
	}
	text := func(name string) string { value, _ := data[name].(string); return value }
	if objectOf(e.Type) != "DirectoryUser" {
		return event.DirectoryGroup{ID: e.SubjectID, Name: e.SubjectName}
	}
	active, _ := data["active"].(bool)
	return event.DirectoryUser{ID: e.SubjectID, OrganizationID: e.CompanyID, ProviderID: text("external_id"), PreferredUsername: text("user_name"), Active: active,
		Name: e.SubjectName, Groups: []event.DirectoryGroup{}, Roles: []event.DirectoryRole{}, CustomAttributes: map[string]any{}, RawAttributes: map[string]any{}}
}

// rolesIn are the roles in one application that were recorded with a person.
func rolesIn(data map[string]any, application string) any {
	all, _ := data[event.RolesByApplication].(map[string]any)
	if list, ok := all[application].([]any); ok {
		return list
	}
	return []event.DirectoryRole{}
}

func stamp(t time.Time) string { return t.UTC().Format(layout) }

// objectOf names what an event is about: "DirectoryUser", "Role".
func objectOf(kind string) string {
	switch {
	case strings.HasPrefix(kind, Directory+".user_"):
		return "DirectoryUser"
	case strings.HasPrefix(kind, Directory+".group_"):
		return "DirectoryGroup"
	case strings.HasPrefix(kind, Directory):
		return "Directory"
	}
	var name strings.Builder
	for _, word := range strings.Split(Family(kind), "_") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}

func actorOf(e store.Event) *actor {
	if e.AccountID == "" && e.AccountName == "" {
		return nil
	}
	return &actor{ID: e.AccountID, Name: e.AccountName, Organization: e.RealOrganizationName, DelegationID: e.DelegationID, VisitID: e.VisitID}
}

// causeOf takes out of an event's data what brought it about.
func causeOf(e store.Event, data map[string]any) cause {
	c := cause{Kind: e.Channel}
	for name, to := range map[string]*string{"source": &c.Kind, "source_id": &c.ID, "why": &c.Reason} {
		if text, ok := data[name].(string); ok && text != "" {
			*to = text
		}
		delete(data, name)
	}
	if kind, ok := data["cause"].(string); ok && kind != "" {
		c.Kind = kind
		delete(data, "cause")
	}
	return c
}

// before is, for types that tell of one older value, what it is a value of.
var before = map[string]string{"delegation.extended": "ends_at", "firm_delegation.extended": "ends_at", "seat.number_changed": "seats"}

// previous takes out of an event's data what was so before.
func previous(kind string, data map[string]any) map[string]any {
	if was, ok := data[store.Previous].(map[string]any); ok {
		delete(data, store.Previous)
		return was
	}
	was, there := data["before"]
	if name := before[kind]; name != "" && there {
		delete(data, "before")
		return map[string]any{name: was}
	}
	if version, ok := data["version"].(float64); ok && kind == "connector.changed" && version > 1 {
		return map[string]any{"version": version - 1}
	}
	return nil
}

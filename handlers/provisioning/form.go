package provisioning

import (
	"errors"
	"strconv"

	"locum/handlers/web"
	"locum/models"
	"locum/models/provisioning"
	views "locum/views/provisioning"
)

// draft is a form of a connector, with where its conditions stand in it.
type draft struct {
	views.Form
	id     string
	places map[string]string
}

// read takes a form as it was sent.
func read(r *web.Request, id string) draft {
	budget := provisioning.MaxNodes
	d := draft{id: id, Form: views.Form{Name: r.PostForm.Get("name"), Note: r.PostForm.Get("note"), Reason: r.PostForm.Get("reason"),
		State: r.PostForm.Get("state"), Confirm: r.PostForm.Get("confirm"), Leave: r.PostForm.Get("leave"), Role: r.PostForm.Get("role"), Root: readTree(r.PostForm, root, &budget),
		Target: target(r.PostForm.Get("level"), r.PostForm.Get("organization"), r.PostForm.Get("application"))}}
	d.Version, _ = strconv.Atoi(r.PostForm.Get("version"))
	d.settle()
	return d
}

// target leaves out what the level does not ask for, which a form without script
// may still hold from the level chosen before.
func target(level, organization, application string) provisioning.Target {
	t := provisioning.Target{Level: models.Level(level), Organization: organization, Application: application}
	switch t.Level {
	case models.CompanyLevel:
		t.Organization, t.Application = "", ""
	case models.OrganizationLevel:
		t.Application = ""
	}
	return t
}

// show is the form of a connector that there is.
func show(c provisioning.Connector) draft {
	d := draft{id: c.ID, Form: views.Form{Version: c.Version, Name: c.Name, Note: c.Note, State: string(c.State), Target: c.Target, Role: c.Role,
		Root: treeOf(c.Condition, root)}}
	d.settle()
	return d
}

// settle numbers the nodes, and makes the condition that they come to.
func (d *draft) settle() {
	d.Action = "/company/connectors/new"
	if d.id != "" {
		d.Action = "/company/connectors/" + d.id
	}
	number(&d.Root, root)
	d.places = map[string]string{}
	d.Condition = conditionOf(d.Root, root, d.places).Tidy()
}

// input is the form as the domain takes it.
func (d *draft) input() provisioning.Connector {
	return provisioning.Connector{ID: d.id, Version: d.Version, Name: d.Name, State: provisioning.ConnectorState(d.State), Note: d.Note,
		Condition: d.Condition, Target: d.Target, Role: d.Role}
}

// refused takes up what is wrong with the form, if that is what the error says.
func (d *draft) refused(err error) bool {
	if fields, ok := web.Wrong(err); ok {
		d.Wrong = placed(fields, d.places)
		return true
	}
	var e *models.Error
	d.Stale = errors.As(err, &e) && e.Kind == models.Conflict && e.Key == "provisioning.error.changed_meanwhile"
	return d.Stale
}

// publishing is what the form says beside the connector itself.
func (d *draft) publishing() provisioning.Publishing { return publishing(d.Reason, d.Confirm, d.Leave) }

// equip adds what the form offers to choose from.
func (p *Pages) equip(r *web.Request, d *draft) (err error) {
	if d.Targets, err = p.Connectors.Targets(r.Context(), r.Actor); err != nil {
		return err
	}
	if d.Seen, err = p.Connectors.Seen(r.Context(), r.Actor); err != nil {
		return err
	}
	if d.Target.Level == models.OrganizationLevel && d.Target.Organization == "" && len(d.Targets.Organizations) == 1 {
		d.Target.Organization = d.Targets.Organizations[0].ID
	}
	d.dropChoices()
	d.warn(&d.Root)
	return nil
}

// dropChoices forgets an application and a role that cannot be chosen any more
// since something before them was chosen anew.
func (d *draft) dropChoices() {
	used := false
	for _, id := range d.Targets.Uses[d.Target.Organization] {
		used = used || id == d.Target.Application
	}
	if !used {
		d.Target.Application = ""
	}
	if role, there := d.Targets.Roles[d.Role]; !there || role.Level != d.Target.Level || role.ApplicationID != d.Target.Application {
		d.Role = ""
	}
}

// warn marks the comparisons that fit nobody known so far.
func (d *draft) warn(n *views.Node) {
	if !n.Group() {
		n.Never = d.Seen.Never(provisioning.Condition{Attribute: n.Attribute, Operator: provisioning.Operator(n.Operator), Value: n.Value, CaseSensitive: n.Case})
		return
	}
	for i := range n.Under {
		d.warn(&n.Under[i])
	}
}

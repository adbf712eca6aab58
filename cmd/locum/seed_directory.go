package main

import (
	"context"
	"fmt"
	"strings"

	strangers "locum/handlers/demo"
	"locum/handlers/scim"
	"locum/models"
	"locum/models/directory"
	"locum/models/provisioning"
	"locum/models/tenancy"
	"locum/models/webhook"
)

// staff is who is in the directory of De Vries at the start. Daan, Koen and Tom
// sign in too: what the two say of them is merged.
var staff = []strangers.Profile{
	employee("Bram", "Kuiper", "Depot", "Night planner", "NL"),
	employee("Lieke", "Jansen", "Depot", "Depot lead", "NL"),
	employee("Youssef", "Amrani", "Depot", "Night planner", "NL"),
	employee("Mila", "Vos", "Depot", "Forklift driver", "NL"),
	employee("Sven", "Dijkstra", "Depot", "Forklift driver", "NL"),
	employee("Noa", "Willems", "Depot", "Order picker", "NL"),
	employee("Jasper", "Bos", "Depot", "Order picker", "NL"),
	employee("Daan", "Mulder", "Warehouse", "Stock keeper", "NL"),
	employee("Tom", "Whitfield", "IT", "Tester", "NL"),
	employee("Koen", "Maes", "Transport", "Driver", "BE"),
	employee("Lucas", "Claes", "Transport", "Driver", "BE"),
	employee("Emma", "Wouters", "Transport", "Driver", "BE"),
}

// teams are the groups of the directory. The leads are a group within the depot.
var teams = []strangers.Team{
	{Name: "Depot-Leads", People: addressesOf("Lieke Jansen", "Daan Mulder")},
	{Name: "Depot-Team", People: addressesOf("Bram Kuiper", "Youssef Amrani", "Mila Vos", "Sven Dijkstra", "Noa Willems", "Jasper Bos"), Groups: []string{"Depot-Leads"}},
	{Name: "Night-Planners", People: addressesOf("Bram Kuiper", "Youssef Amrani")},
	{Name: "Belgium-Drivers", People: addressesOf("Koen Maes", "Lucas Claes", "Emma Wouters")},
}

func employee(given, family, department, title, country string) strangers.Profile {
	address := addressesOf(given + " " + family)[0]
	return strangers.Profile{UserName: address, Email: address, GivenName: given, FamilyName: family, Department: department, Title: title, Country: country, Active: true}
}

// addressesOf are the user names of people of De Vries.
func addressesOf(names ...string) (list []string) {
	for _, name := range names {
		list = append(list, strings.ToLower(strings.ReplaceAll(name, " ", "."))+"@devries.example")
	}
	return list
}

// told are the families of events that the receiver of De Vries is told of.
var told = []string{"organization.directory", "role", "visit"}

// directory connects De Vries' directory, gives its groups roles, and has events
// posted to the receiver.
func (s *seed) directory() {
	const marieke = "marieke@devries.example"
	organizations := map[string]string{}
	s.do("organizations of De Vries", func() error {
		list, err := s.house.Companies.Organizations(s.ctx, s.as(marieke))
		for _, o := range list {
			organizations[o.Name] = o.ID
		}
		return err
	})
	for _, c := range []struct {
		name, group, organization, application, role string
	}{
		{"The depot works in Production", "Depot-Team", "De Vries Production", "", tenancy.Member},
		{"Depot leads correct stock", "Depot-Leads", "De Vries Production", "stock", "editor"},
		{"Night planners change the plan", "Night-Planners", "De Vries Production", "planning", "editor"},
		{"Drivers work in Belgium", "Belgium-Drivers", "De Vries Belgium", "", tenancy.Member},
	} {
		rule := provisioning.Connector{Name: c.name, State: provisioning.On, Role: c.role,
			Target:    provisioning.Target{Level: models.OrganizationLevel, Organization: organizations[c.organization]},
			Condition: provisioning.Condition{All: []provisioning.Condition{{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: c.group}}}}
		if c.application != "" {
			rule.Target.Level, rule.Target.Application = models.ApplicationLevel, s.apps[c.application].ID
			rule.Role = s.roles[c.application+"/"+c.role].ID
		}
		s.do("connector "+c.name, func() error {
			_, err := s.house.Connectors.Save(s.ctx, s.as(marieke), rule, provisioning.Publishing{})
			return err
		})
	}
	s.do("directory", func() error {
		_, token, err := s.house.Directories.Add(s.ctx, s.as(marieke), directory.Draft{Name: "De Vries Entra ID", Kind: directory.Entra})
		if err != nil {
			return err
		}
		return s.outside.Directory.Connect(s.where.Hub+scim.Base, token)
	})
	s.do("webhook", func() error {
		_, secret, err := s.house.Webhooks.Make(s.ctx, s.as(marieke), webhook.OfCompany, webhook.Draft{URL: s.outside.Receiver.URL(),
			Description: "The roster of De Vries", Types: told, Insecure: true})
		if err != nil {
			return err
		}
		_, err = s.outside.Receiver.Trust(secret)
		return err
	})
}

// redirect points a kept demo's directory and webhook at the present addresses.
func (s *seed) redirect(by models.Actor) {
	s.do("directory", func() error { return s.outside.Directory.Connect(s.where.Hub+scim.Base, "") })
	s.do("webhook", func() error {
		list, err := s.house.Webhooks.List(s.ctx, by, webhook.OfCompany)
		if err != nil {
			return err
		}
		for _, e := range list {
			if !strings.HasSuffix(e.URL, "/receiver/hook") {
				continue
			}
			if _, err := s.house.Webhooks.Change(s.ctx, by, webhook.OfCompany, e.ID, webhook.Draft{URL: s.outside.Receiver.URL(), Description: e.Description,
				OrganizationID: e.OrganizationID, Types: e.Chosen(), Insecure: true}); err != nil {
				return err
			}
		}
		return nil
	})
}

// pushed has the directory tell the hub of everybody, over the wire, and of
// somebody the hub refuses: a user name that is taken.
func pushed(ctx context.Context, d *strangers.Directory) error {
	if err := d.Cycle(ctx); err != nil {
		return fmt.Errorf("the demo's directory could not be told: %w", err)
	}
	return d.Odd(ctx, "duplicate")
}

package delegation

import (
	"context"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Delegations are the operations on delegations.
type Delegations struct{ store *store.Store }

// NewDelegations opens the delegations of a store. From then on a consultant
// who becomes a member of his host has his delegation there suspended: it does
// not revive when the membership ends. Where a role is deleted, another takes
// its place in delegations as well. Whoever is removed from his company loses
// what delegations let him do there, and in its name elsewhere. Another address,
// another home or a closed account suspends, and a superuser who is one no more
// leaves a question about what he granted.
func NewDelegations(s *store.Store) *Delegations {
	s.ReactAll(event.RoleGranted, suspendRedundant)
	s.React(event.RoleDeleted, replaceRole)
	s.React(event.RoleRemoved, granterGone)
	s.ReactAll(event.RoleRemoved, suspendRehomed)
	s.React(event.AccountChanged, suspendReaddressed)
	s.React(event.AccountDeactivated, granterClosed)
	s.React(event.AccountDeactivated, suspendClosed)
	s.React(event.Offboarded, offboard)
	s.React(event.DelegationGranted, settleRequest)
	s.React(event.DelegationApproved, settleRequest)
	s.React(event.RoleDeleted, replaceFirmRole)
	s.ReactAll(event.RoleRemoved, leaveFirms)
	guard(s)
	return &Delegations{s}
}

// Choices is what the form for a new delegation offers.
type Choices struct {
	Host         tenancy.Organization
	Roles        []tenancy.Role        // in the organization itself
	Applications []tenancy.Application // in use here
	ByApp        map[string][]tenancy.Role
	Nobody       *models.Message // why nothing can be given here for now; nil when it can
}

// Choices reads what can be given in the actor's organization.
func (d *Delegations) Choices(ctx context.Context, by models.Actor) (c Choices, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		if c.Host, err = hostOf(tx); err != nil {
			return err
		}
		told, others, err := superusers(tx, c.Host)
		if err != nil {
			return err
		}
		wrong := models.FieldErrors{}
		checkApprovers(c.Host, told, others, wrong)
		if m, refused := wrong["approval"]; refused {
			c.Nobody = &m
		}
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		for _, r := range reg.At(models.OrganizationLevel, "") {
			if r.Delegable() {
				c.Roles = append(c.Roles, r)
			}
		}
		var enabled []tenancy.Enabled
		if err := tx.Order("application_id").Find(&enabled).Error; err != nil {
			return err
		}
		c.ByApp = map[string][]tenancy.Role{}
		for _, e := range enabled {
			if reg.Applications[e.ApplicationID].NotForVisitors {
				continue
			}
			c.Applications = append(c.Applications, reg.Applications[e.ApplicationID])
			for _, r := range reg.At(models.ApplicationLevel, e.ApplicationID) {
				if r.Delegable() {
					c.ByApp[e.ApplicationID] = append(c.ByApp[e.ApplicationID], r)
				}
			}
		}
		return nil
	})
	return c, err
}

// Preview checks a proposal without giving anything: the plan for the sentence
// that says what will happen, and what is wrong by field.
func (d *Delegations) Preview(ctx context.Context, by models.Actor, in Proposal) (plan Plan, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var wrong models.FieldErrors
		if plan, wrong, err = check(tx, in); err != nil {
			return err
		}
		return wrong.Err()
	})
	return plan, err
}

// check reads the host and the registry, and checks a proposal against them.
func check(tx *store.Tx, in Proposal) (Plan, models.FieldErrors, error) {
	host, err := hostOf(tx)
	if err != nil {
		return Plan{}, nil, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return Plan{}, nil, err
	}
	plan, wrong, err := in.check(tx, host, reg)
	if err != nil {
		return plan, wrong, err
	}
	if err := checkPerson(tx, &plan, wrong); err != nil {
		return plan, wrong, err
	}
	others := 0
	if plan.Told, others, err = superusers(tx, host); err != nil {
		return plan, wrong, err
	}
	checkApprovers(host, plan.Told, others, wrong)
	return plan, wrong, nil
}

// hostOf reads the organization in which the actor works.
func hostOf(tx *store.Tx) (host tenancy.Organization, err error) {
	err = tx.Where("id = ?", tx.Actor.Effective.Organization).Take(&host).Error
	return host, err
}

// Grant lets a third party work in the actor's organization for a while.
func (d *Delegations) Grant(ctx context.Context, by models.Actor, in Proposal) (granted Delegation, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		plan, wrong, err := check(tx, in)
		if err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if err := recordLapsed(tx, plan.Host.CompanyID, plan.Host.ID, plan.Email.Normal); err != nil {
			return err
		}
		granted = plan.draft()
		granted.ID, granted.Version, granted.Language, granted.Period = models.NewID("dlg"), 1, in.Language, in.Period
		granted.Reason, granted.Ticket = strings.TrimSpace(in.Reason), strings.TrimSpace(in.Ticket)
		granted.GrantedBy, granted.GrantedByName, granted.GrantedAt = tx.Actor.Account, tx.Actor.Name, models.At(tx.Now())
		if plan.Approval {
			granted.ApprovalDue = models.AtPtr(due(tx.Now(), granted))
		}
		if err := tx.Create(&granted).Error; err != nil {
			return duplicate(err)
		}
		if err := give(tx, granted, plan.Roles); err != nil {
			return err
		}
		if plan.Approval {
			return submit(tx, granted, Pending{Kind: ToGive, After: termsOf(granted, plan.Roles), DueAt: *granted.ApprovalDue})
		}
		tx.Record(event.DelegationGranted, about(granted, nil))
		tx.Notify("organization:" + granted.OrganizationID)
		return invite(tx, granted, granted.GrantedBy)
	})
	return granted, err
}

// give writes the roles of a delegation.
func give(tx *store.Tx, d Delegation, roles []tenancy.Role) error {
	given := make([]Given, len(roles))
	for i, r := range roles {
		given[i] = Given{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, DelegationID: d.ID, RoleID: r.ID, ApplicationID: r.ApplicationID}
	}
	return tx.Create(&given).Error
}

// invite queues the invitation, and tells the superusers but those who know.
func invite(tx *store.Tx, d Delegation, knowing ...string) error {
	return tx.Across("the facts of an invitation", func(tx *store.Tx) error {
		f, err := facts(tx, d)
		if err != nil {
			return err
		}
		to := mail.Recipient{Email: d.Email, Language: d.Language, TimeZone: f.Host.TimeZone}
		if known, err := account.ByEmail(tx, d.Normal); err == nil && known.Proven {
			to = known.Recipient() // in his own language and zone,
			to.Email = d.Email     // at the address that was chosen
			tx.Notify("account:" + known.ID)
		}
		if err := queue(tx, d, invitationKey(d), to, mail.Invitation{Delegated: f}); err != nil {
			return err
		}
		return tell(tx, d, "delegation.granted."+d.ID, mail.Granted{Delegated: f}, nil, knowing...)
	})
}

// invitationKey names the invitation among the mails.
func invitationKey(d Delegation) string { return "delegation.invitation." + d.ID }

// duplicate is the answer to the race of two superusers who give the same.
func duplicate(err error) error {
	if !store.Duplicate(err) {
		return err
	}
	wrong := models.FieldErrors{}
	wrong.Add("email", "delegation.error.open_already")
	return wrong.Err()
}

// recordLapsed makes room for a new delegation where an old one is over but no
// sweep has come by yet.
func recordLapsed(tx *store.Tx, company, organization, normal string) error {
	var rows []Delegation
	if err := tx.Where("company_id = ? AND organization_id = ? AND normal = ? AND revoked_at IS NULL AND declined_at IS NULL AND expiry_recorded_at IS NULL", company, organization, normal).Find(&rows).Error; err != nil {
		return err
	}
	for _, old := range rows {
		if !old.Over(tx.Now()) {
			continue
		}
		end := expire
		if old.ApprovalDue != nil {
			end = lapse
		}
		if err := tx.Across("a delegation that ran out", func(tx *store.Tx) error { return end(tx, old) }); err != nil {
			return err
		}
	}
	return nil
}

// about is what events of a delegation say.
func about(d Delegation, more map[string]any) store.About {
	data := map[string]any{"person": d.Person(), "email": d.Email}
	if d.EndsAt != nil {
		data["ends_at"] = d.EndsAt.Time
	}
	if d.Ticket != "" {
		data["ticket"] = d.Ticket
	}
	for k, v := range more {
		data[k] = v
	}
	return store.About{ID: d.ID, Name: d.Person(), Company: d.CompanyID, Organization: d.OrganizationID, Data: data}
}

package delegation

import (
	"strings"
	"time"
	"unicode/utf8"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// Proposal is what a superuser fills in to give a delegation.
type Proposal struct {
	Email    string
	Roles    []string // ids; none means as a member, unless Chosen
	Chosen   bool     // roles were to be chosen, so that none is a mistake
	Period   Period
	Date     string // with UntilDate; empty means no end
	Reason   string
	Ticket   string
	Language string // of the invitation
}

// The longest reason and ticket, in characters.
const (
	maxReason = 500
	maxTicket = 60
)

// Plan is a checked proposal: what would be given, for the sentence that says
// so before it happens, and for the change itself.
type Plan struct {
	Host            tenancy.Organization
	Email           account.Email
	Starts          time.Time
	Ends            *models.Instant
	Roles           []tenancy.Role
	RoleNames       []string // of Roles, each with its application
	AllApplications bool
	Told            int // superusers who will get mail of each visit; of a preview alone
}

// check reads a proposal against the host. Everything that is wrong comes back
// at once, by field; what could be read is in the plan all the same.
func (in Proposal) check(tx *store.Tx, host tenancy.Organization, reg tenancy.Registry) (Plan, models.FieldErrors, error) {
	wrong := models.FieldErrors{}
	plan := Plan{Host: host, Starts: tx.Now()}
	plan.Email = account.CheckEmail(in.Email, "email", wrong)
	var ok bool
	plan.Ends, ok = in.Period.End(plan.Starts, host.Zone(), strings.TrimSpace(in.Date))
	switch {
	case !ok && in.Period == UntilDate:
		wrong.Add("date", "delegation.error.date")
	case !ok:
		wrong.Add("period", "error.choice")
	case plan.Ends != nil && !plan.Ends.After(plan.Starts):
		wrong.Add("date", "delegation.error.date_past")
	}
	if utf8.RuneCountInString(in.Reason) > maxReason {
		wrong.Add("reason", "error.too_long", "Max", maxReason)
	} else if host.ReasonRequired && strings.TrimSpace(in.Reason) == "" {
		wrong.Add("reason", "delegation.error.reason_required")
	}
	if utf8.RuneCountInString(in.Ticket) > maxTicket {
		wrong.Add("ticket", "error.too_long", "Max", maxTicket)
	}
	return plan, wrong, in.checkRoles(tx, reg, &plan, wrong)
}

// checkRoles: no application's role chosen means all applications with their
// default role; a chosen one narrows to the chosen applications. A role in the
// organization itself is always there.
func (in Proposal) checkRoles(tx *store.Tx, reg tenancy.Registry, plan *Plan, wrong models.FieldErrors) error {
	var enabled []tenancy.Enabled
	if err := tx.Find(&enabled).Error; err != nil {
		return err
	}
	inUse := map[string]bool{}
	for _, e := range enabled {
		inUse[e.ApplicationID] = true
	}
	plan.AllApplications = true
	inOrganization := false
	for _, id := range in.Roles {
		r, there := reg.Roles[id]
		if !there || !r.Delegable() || r.Level == models.ApplicationLevel && !inUse[r.ApplicationID] {
			wrong.Add("role", "delegation.error.role")
			continue
		}
		plan.Roles = append(plan.Roles, r)
		inOrganization = inOrganization || r.Level == models.OrganizationLevel
		plan.AllApplications = plan.AllApplications && r.Level == models.OrganizationLevel
	}
	if in.Chosen && len(in.Roles) == 0 {
		wrong.Add("role", "delegation.error.role_needed")
	}
	if !inOrganization {
		plan.Roles = append([]tenancy.Role{reg.Roles[tenancy.Member]}, plan.Roles...)
	}
	plan.RoleNames = RoleNames(reg, plan.Roles)
	return nil
}

// checkPerson refuses people who cannot be let in: oneself, members, services,
// somebody who has a delegation here already. Whether an address has an
// account otherwise makes no difference to the answer.
func checkPerson(tx *store.Tx, email account.Email, wrong models.FieldErrors) error {
	if len(wrong) > 0 && email.Normal == "" {
		return nil
	}
	var open int64
	err := tx.Model(&Delegation{}).Where("normal = ? AND revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)", email.Normal, models.At(tx.Now())).
		Count(&open).Error
	if err != nil {
		return err
	}
	if open > 0 {
		wrong.Add("email", "delegation.error.open_already")
	}
	p, err := account.ByEmail(tx, email.Normal)
	if models.KindOf(err) == models.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	var roles int64
	if err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("account_id = ? AND application_id = ''", p.ID).Count(&roles).Error; err != nil {
		return err
	}
	kept, err := tenancy.KeptOutHere(tx, p.ID)
	if err != nil {
		return err
	}
	switch {
	case p.ID == tx.Actor.Account:
		wrong.Add("email", "delegation.error.oneself")
	case kept:
		wrong.Add("email", "organization.error.kept_out")
	case roles > 0:
		wrong.Add("email", "delegation.error.member")
	case p.Service:
		wrong.Add("email", "delegation.error.service")
	}
	return nil
}

package delegation

import (
	"slices"
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
	Email             string
	Roles             []string // ids; none means as a member, unless Chosen
	Applications      []string // ids of those that open with their default role
	LaterApplications bool     // those that come into use afterwards open too
	Chosen            bool     // roles and applications were to be chosen: without any it is a mistake
	Later             bool     // it starts at StartDate and StartTime, and not now
	StartDate         string   // a day of the host
	StartTime         string   // of that day; empty: from its beginning
	Period            Period   // counted from the start
	Date              string   // with UntilDate; empty means no end
	Reason            string
	Ticket            string
	Language          string // of the invitation
}

// The longest reason and ticket, in characters.
const (
	maxReason = 500
	maxTicket = 60
)

// Plan is a checked proposal: what would be given, for the sentence that says
// so before it happens, and for the change itself.
type Plan struct {
	Host              tenancy.Organization
	Email             account.Email
	Starts            time.Time
	Later             bool // it starts later than now
	Ends              *models.Instant
	Roles             []tenancy.Role
	RoleNames         []string // of Roles, each with its application
	AllApplications   bool     // those that are not named come with it, also later ones
	NamedApplications string   // see Delegation.Opens
	Prospect          Prospect
	Told              int         // superusers who will get mail of each visit
	Approval          bool        // another superuser has to approve it first
	Standing          *Delegation // the open one for this address, which this would amend
}

// draft is the delegation that the plan would make, without who and why.
func (p Plan) draft() Delegation {
	return Delegation{CompanyID: p.Host.CompanyID, OrganizationID: p.Host.ID, Email: p.Email.Typed, Normal: p.Email.Normal,
		StartsAt: models.At(p.Starts), EndsAt: p.Ends, AllApplications: p.AllApplications, NamedApplications: p.NamedApplications}
}

// check reads a proposal against the host. Everything that is wrong comes back
// at once, by field; what could be read is in the plan all the same.
func (in Proposal) check(tx *store.Tx, host tenancy.Organization, reg tenancy.Registry) (Plan, models.FieldErrors, error) {
	wrong := models.FieldErrors{}
	plan := Plan{Host: host, Approval: host.Hosting.Approval}
	plan.Email = account.CheckEmail(in.Email, "email", wrong)
	plan.Starts = in.start(tx.Now(), host.Zone(), wrong)
	plan.Later = plan.Starts.After(tx.Now())
	plan.Ends = in.end(plan.Starts, host, wrong)
	if len(wrong) == 0 || wrong["period"].Key == "" && wrong["date"].Key == "" {
		checkCap(host, in.Period, plan.Starts, plan.Ends, wrong)
	}
	in.checkWhy(host, wrong)
	enabled, err := inUse(tx)
	if err != nil {
		return plan, wrong, err
	}
	in.scope(enabled, reg, &plan, wrong)
	plan.Prospect = look(reg, enabled, plan.draft(), plan.Roles)
	return plan, wrong, nil
}

// end reads how long, counted from a moment that is not over.
func (in Proposal) end(from time.Time, host tenancy.Organization, wrong models.FieldErrors) *models.Instant {
	ends, ok := in.Period.End(from, host.Zone(), strings.TrimSpace(in.Date))
	switch {
	case !ok && in.Period == UntilDate:
		wrong.Add("date", "delegation.error.date")
	case !ok:
		wrong.Add("period", "error.choice")
	case ends != nil && !ends.After(from):
		wrong.Add("date", "delegation.error.date_past")
	}
	return ends
}

// checkWhy reads the reason and the ticket.
func (in Proposal) checkWhy(host tenancy.Organization, wrong models.FieldErrors) {
	if utf8.RuneCountInString(in.Reason) > maxReason {
		wrong.Add("reason", "error.too_long", "Max", maxReason)
	} else if host.ReasonRequired && strings.TrimSpace(in.Reason) == "" {
		wrong.Add("reason", "delegation.error.reason_required")
	}
	if utf8.RuneCountInString(in.Ticket) > maxTicket {
		wrong.Add("ticket", "error.too_long", "Max", maxTicket)
	} else if host.Hosting.TicketRequired && strings.TrimSpace(in.Ticket) == "" {
		wrong.Add("ticket", "granting.error.ticket_required")
	}
}

// inUse reads the applications of the organization that a transaction is
// confined to.
func inUse(tx *store.Tx) (enabled []tenancy.Enabled, err error) {
	err = tx.Where("organization_id = ?", tx.Actor.Effective.Organization).Order("application_id").Find(&enabled).Error
	return enabled, err
}

// scope: nothing chosen means all applications with their default role; an
// application or a role in one narrows to what is chosen, and to what comes
// later where that is ticked. A role in the organization itself is always there.
func (in Proposal) scope(enabled []tenancy.Enabled, reg tenancy.Registry, plan *Plan, wrong models.FieldErrors) {
	used := func(id string) bool {
		return slices.ContainsFunc(enabled, func(e tenancy.Enabled) bool { return e.ApplicationID == id })
	}
	open := map[string]bool{} // by a chosen role
	narrow, inOrganization := in.Chosen || len(in.Applications) > 0, false
	for _, id := range in.Roles {
		r, there := reg.Roles[id]
		if !there || !r.Delegable() || r.Level == models.ApplicationLevel && !used(r.ApplicationID) {
			wrong.Add("role", "delegation.error.role")
			continue
		}
		plan.Roles = append(plan.Roles, r)
		inOrganization = inOrganization || r.Level == models.OrganizationLevel
		narrow = narrow || r.Level == models.ApplicationLevel
		open[r.ApplicationID] = true
	}
	for _, id := range in.Applications {
		if !used(id) {
			wrong.Add("role", "delegation.error.role")
		}
	}
	if in.Chosen && len(in.Roles)+len(in.Applications) == 0 && !in.LaterApplications {
		wrong.Add("role", "delegation.error.role_needed")
	}
	if !inOrganization {
		plan.Roles = append([]tenancy.Role{reg.Roles[tenancy.Member]}, plan.Roles...)
	}
	plan.RoleNames = RoleNames(reg, plan.Roles)
	plan.AllApplications = in.LaterApplications || !narrow
	var named []string
	for _, e := range enabled {
		// Named are those that are an exception to what AllApplications says.
		if chosen := slices.Contains(in.Applications, e.ApplicationID); narrow && !open[e.ApplicationID] && chosen != plan.AllApplications {
			named = append(named, e.ApplicationID)
		}
	}
	plan.NamedApplications = strings.Join(named, " ")
}

// checkPerson refuses people who cannot be let in: oneself, members, services of
// the host's own company, somebody who has a delegation here already. Whether an
// address has an account otherwise makes no difference to the answer, nor what
// kind: another company's service is invited as anybody is, and cannot accept.
func checkPerson(tx *store.Tx, plan *Plan, wrong models.FieldErrors) error {
	if plan.Email.Normal == "" {
		return nil
	}
	var open []Delegation
	if err := tx.Where("normal = ? AND revoked_at IS NULL AND declined_at IS NULL", plan.Email.Normal).Find(&open).Error; err != nil {
		return err
	}
	for _, d := range open {
		if !d.Over(tx.Now()) {
			plan.Standing = &d
			wrong.Add("email", "delegation.error.open_already")
		}
	}
	why, err := unfit(tx, plan.Email.Normal)
	if why != "" {
		wrong.Add("email", why)
	}
	return err
}

// unfit says, as a key, why nobody can give a delegation to an address; "" when
// nothing stands in the way.
func unfit(tx *store.Tx, normal string) (string, error) {
	p, err := account.ByEmail(tx, normal)
	if models.KindOf(err) == models.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var roles int64
	if err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("account_id = ? AND application_id = ''", p.ID).Count(&roles).Error; err != nil {
		return "", err
	}
	kept, err := tenancy.KeptOutHere(tx, p.ID)
	switch {
	case err != nil:
		return "", err
	case p.ID == tx.Actor.Account:
		return "delegation.error.oneself", nil
	case kept:
		return "organization.error.kept_out", nil
	case roles > 0:
		return "delegation.error.member", nil
	case p.Service && p.HomeCompanyID != nil && *p.HomeCompanyID == tx.Actor.Effective.Company:
		return "delegation.error.service", nil
	}
	return "", nil
}

package api

import (
	"net/http"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/tenancy"
)

// policy is what an organization asks of its visitors, as machines read it.
type policy struct {
	Approval       bool           `json:"approval"`
	LongestDays    int            `json:"longest_days"`
	TicketRequired bool           `json:"ticket_required"`
	SecondFactor   bool           `json:"second_factor"`
	SignInMinutes  int            `json:"sign_in_minutes"`
	OwnSignOn      bool           `json:"own_sign_on"`
	Networks       []string       `json:"networks"`
	MailNeeded     bool           `json:"mail_needed"`
	Notify         tenancy.Notify `json:"notify"`
}

func shownPolicy(h tenancy.Hosting) policy {
	return policy{h.Approval, h.LongestDays, h.TicketRequired, h.SecondFactor, h.SignInMinutes, h.OwnSignOn, words(h.Networks), h.MailNeeded, h.Notify}
}

// wishes are what a machine sends in the place of a policy. Each has to be there:
// one that was left out would quietly ask less.
type wishes struct {
	Approval       *bool           `json:"approval"`
	LongestDays    *int            `json:"longest_days"`
	TicketRequired *bool           `json:"ticket_required"`
	SecondFactor   *bool           `json:"second_factor"`
	SignInMinutes  *int            `json:"sign_in_minutes"`
	OwnSignOn      *bool           `json:"own_sign_on"`
	Networks       *[]string       `json:"networks"`
	MailNeeded     *bool           `json:"mail_needed"`
	Notify         *tenancy.Notify `json:"notify"`
}

// hosting is the policy that comes of it, checked.
func (in wishes) hosting() (h tenancy.Hosting, err error) {
	wrong := models.FieldErrors{}
	for name, missing := range map[string]bool{"approval": in.Approval == nil, "longest_days": in.LongestDays == nil, "ticket_required": in.TicketRequired == nil,
		"second_factor": in.SecondFactor == nil, "sign_in_minutes": in.SignInMinutes == nil, "own_sign_on": in.OwnSignOn == nil, "networks": in.Networks == nil,
		"mail_needed": in.MailNeeded == nil, "notify": in.Notify == nil} {
		if missing {
			wrong.Add(name, "error.required")
		}
	}
	if err := wrong.Err(); err != nil {
		return h, err
	}
	h = tenancy.Hosting{Approval: *in.Approval, LongestDays: *in.LongestDays, TicketRequired: *in.TicketRequired, SecondFactor: *in.SecondFactor,
		SignInMinutes: *in.SignInMinutes, OwnSignOn: *in.OwnSignOn, Networks: strings.Join(*in.Networks, "\n"), MailNeeded: *in.MailNeeded, Notify: *in.Notify}
	return h, h.Check()
}

func (p *Pages) policy(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadPolicies)
	if err != nil {
		return web.Response{}, err
	}
	if _, err := queryOf(r); err != nil {
		return web.Response{}, err
	}
	return p.changedPolicy(r, by, "")
}

// changedPolicy shows the policy as it is.
func (p *Pages) changedPolicy(r *web.Request, by models.Actor, _ string) (web.Response, error) {
	h, err := p.on.Members.Hosting(r.Context(), by)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, shownPolicy(h)), nil
}

// held is a visitor inside who would have to wait.
type held struct {
	Visit   string        `json:"visit_id"`
	Account string        `json:"account_id"`
	Person  string        `json:"person"`
	Needs   []models.Need `json:"needs"`
}

// foreseen is what a policy comes to.
type foreseen struct {
	Before  policy              `json:"before"`
	After   policy              `json:"after"`
	Loosens []tenancy.Loosening `json:"loosens"`
	Waiting []held              `json:"waiting"`
}

// comparePolicy says what other wishes come to, and changes nothing.
func (p *Pages) comparePolicy(r *web.Request) (web.Response, error) {
	by, err := p.acting(r, feed.ReadPolicies)
	if err != nil {
		return web.Response{}, err
	}
	var in wishes
	if _, err := bodyOf(r, &in); err != nil {
		return web.Response{}, err
	}
	after, err := in.hosting()
	if err != nil {
		return web.Response{}, err
	}
	before, waiting, err := p.foresee(r, by, after)
	if err != nil {
		return web.Response{}, err
	}
	answer := foreseen{shownPolicy(before), shownPolicy(after), append([]tenancy.Loosening{}, tenancy.Loosened(before, after)...), []held{}}
	for _, v := range waiting {
		answer.Waiting = append(answer.Waiting, held{v.ID, v.AccountID, v.AccountName, v.Needs})
	}
	return web.JSON(http.StatusOK, answer), nil
}

// foresee says what is asked now, and which visitors inside would have to wait who
// need not now.
func (p *Pages) foresee(r *web.Request, by models.Actor, after tenancy.Hosting) (before tenancy.Hosting, waiting []access.Inside, err error) {
	if before, err = p.on.Members.Hosting(r.Context(), by); err != nil {
		return before, nil, err
	}
	now, err := p.on.Sessions.Foresee(r.Context(), by, before)
	if err != nil {
		return before, nil, err
	}
	then, err := p.on.Sessions.Foresee(r.Context(), by, after)
	return before, access.Worse(now, then), err
}

var setting = change{feed.WritePolicies, []string{event.OrganizationChanged}, (*Pages).changedPolicy}

// setPolicy changes what is asked of visitors. Where some inside would have to wait
// who need not now, it is refused unless that is confirmed, as on the screen.
func (p *Pages) setPolicy(r *web.Request) (web.Response, error) {
	var in struct {
		wishes
		Confirm bool `json:"confirm"`
	}
	return p.change(r, setting, &in, func(by models.Actor) (string, error) {
		after, err := in.hosting()
		if err != nil {
			return "", err
		}
		_, waiting, err := p.foresee(r, by, after)
		if err != nil {
			return "", err
		}
		if len(waiting) > 0 && !in.Confirm {
			return "", models.Fail(models.Conflict, "visitors.error.waiting", "Count", len(waiting))
		}
		return by.Effective.Organization, p.on.Members.SetHosting(r.Context(), by, after)
	})
}

package mail

import (
	"net/url"
	"strings"
)

// Links makes the absolute addresses in mails. None of them acts when it is
// opened: those of an organization ask before they switch, the others ask for
// a sign-in first.
type Links struct{ base string }

// NewLinks makes links below the public address of the installation, such as
// https://access.example.
func NewLinks(public string) Links { return Links{strings.TrimRight(public, "/")} }

// Site is the name of the installation's host, as people know it.
func (l Links) Site() string {
	u, err := url.Parse(l.base)
	if err != nil || u.Host == "" {
		return l.base
	}
	return u.Host
}

// Delegation is a delegation for superusers of its host.
func (l Links) Delegation(organization, delegation string) string {
	return l.in(organization, "/delegations/"+url.PathEscape(delegation))
}

// Tokens are those that a consultant made in his visits, for superusers of their
// host.
func (l Links) Tokens(organization, delegation string) string {
	return l.Delegation(organization, delegation) + "#tokens"
}

// Revoke is the page that asks a superuser whether a delegation is revoked.
func (l Links) Revoke(organization, delegation string) string {
	return l.Delegation(organization, delegation) + "/revoke"
}

// Visit is the activity of one visit.
func (l Links) Visit(organization, visit string) string {
	return l.in(organization, "/activity?visit="+url.QueryEscape(visit))
}

// Activity is all activity through a delegation.
func (l Links) Activity(organization, delegation string) string {
	return l.in(organization, "/activity?delegation="+url.QueryEscape(delegation))
}

// Watch is where a superuser chooses which mails he gets of a delegation.
func (l Links) Watch(organization, delegation string) string {
	return l.Delegation(organization, delegation) + "#mails"
}

// Watches is where a superuser chooses which mails he gets of the delegations of
// an organization.
func (l Links) Watches(organization string) string { return l.in(organization, "/notifications") }

// Asked is where a superuser sees what his organization asks of visitors.
func (l Links) Asked(organization string) string { return l.in(organization, "/organization/visitors") }

// Inbox is what a person was told.
func (l Links) Inbox() string { return l.base + "/inbox" }

// Offer is a delegation for the consultant.
func (l Links) Offer(delegation string) string {
	return l.base + "/offers/" + url.PathEscape(delegation)
}

// AccessRequest is what somebody asks an organization for, for its superusers.
func (l Links) AccessRequest(organization, request string) string {
	return l.in(organization, "/delegation-requests/"+url.PathEscape(request))
}

// Firm is a delegation to a firm, for superusers of its host.
func (l Links) Firm(organization, firm string) string {
	return l.in(organization, "/firms/"+url.PathEscape(firm))
}

// EndFirm is the page that asks a superuser whether a delegation to a firm ends.
func (l Links) EndFirm(organization, firm string) string {
	return l.Firm(organization, firm) + "/end"
}

// DelegationActivity is what happened to the delegations of an organization.
func (l Links) DelegationActivity(organization string) string {
	return l.in(organization, "/activity?kind=delegations")
}

// FirmGrant is a delegation to a firm, for the firm's managers.
func (l Links) FirmGrant(firm string) string {
	return l.base + "/company/consultants/firms/" + url.PathEscape(firm)
}

// MyDelegations is what a person has and asked for elsewhere.
func (l Links) MyDelegations() string { return l.base + "/my-delegations" }

// MemberInvitation is an invitation to become a member.
func (l Links) MemberInvitation(invitation string) string {
	return l.base + "/invitations/" + url.PathEscape(invitation)
}

// Connection is a company's connection to its identity provider, for managers.
func (l Links) Connection(connection string) string {
	return l.base + "/company/single-sign-on/" + url.PathEscape(connection)
}

// SetUp is a set-up link, by its token. It asks for a code before anything else.
func (l Links) SetUp(token string) string {
	return l.base + "/set-up-link/" + url.PathEscape(token)
}

// SetUps is the list of a company's set-up links, for managers.
func (l Links) SetUps() string { return l.base + "/company/set-up-links" }

// Run is an evaluation of everyone in a company, for its managers.
func (l Links) Run(id string) string { return l.base + "/company/runs/" + url.PathEscape(id) }

// Directory is a directory of a company, for its managers.
func (l Links) Directory(id string) string {
	return l.base + "/company/directory/" + url.PathEscape(id)
}

// HeldRemovals is where managers decide about the removals of a directory that
// wait.
func (l Links) HeldRemovals(directory string) string { return l.Directory(directory) + "/held" }

// Webhook is an endpoint of a company's webhooks, for its managers.
func (l Links) Webhook(endpoint string) string {
	return l.base + "/company/webhooks/" + url.PathEscape(endpoint)
}

// OwnWebhook is an endpoint of an organization's own webhooks, for its superusers.
func (l Links) OwnWebhook(organization, endpoint string) string {
	return l.in(organization, "/webhooks/"+url.PathEscape(endpoint))
}

// PlatformWebhook is an endpoint of the platform's webhooks, for operators.
func (l Links) PlatformWebhook(endpoint string) string {
	return l.base + "/platform/webhooks/" + url.PathEscape(endpoint)
}

// Secret is a secret of an organization, without its value.
func (l Links) Secret(organization, secret string) string {
	return l.in(organization, "/secrets/"+url.PathEscape(secret))
}

// Company is the first page of a company, for its managers.
func (l Links) Company() string { return l.base + "/company" }

// SignOn is a company's single sign-on, for its managers.
func (l Links) SignOn() string { return l.base + "/company/single-sign-on" }

// Account is a person's own page.
func (l Links) Account() string { return l.base + "/account" }

// Home is the page from which a person goes to his organizations.
func (l Links) Home() string { return l.base + "/home" }

// in is a deep link that asks before it switches.
func (l Links) in(organization, path string) string {
	return l.base + "/in/" + url.PathEscape(organization) + path
}

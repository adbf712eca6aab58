// Package api serves a company's events and state, and the delegations, visits,
// requests and secrets of its organizations with what they ask of visitors, and a
// consultant's own side and his firm's, to machines: under /v1 and by bearer tokens
// (RFC 6750). What a token changes goes through the same operations as the screens,
// in the name of who made it. It knows no session: a cookie opens nothing here. Its document, /v1/openapi.json, says
// everything that it takes and gives.
package api

import (
	"cmp"
	_ "embed"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"locum/handlers/web"
	"locum/models"
	"locum/models/access"
	"locum/models/client"
	"locum/models/delegation"
	"locum/models/feed"
	"locum/models/secret"
	"locum/models/tenancy"
	"locum/models/usage"
	"locum/models/vault"
)

// Document is the OpenAPI 3.1 document of everything under /v1.
//
//go:embed openapi.json
var Document []byte

// Pages are the routes of the API.
type Pages struct {
	feed        *feed.Feed
	delegations *delegation.Delegations
	on          Domain
	tokens      *web.Tokens
	failures    *web.Failures
}

// Domain is what the API stands on beside the feed and the delegations.
type Domain struct {
	Sessions     *access.Sessions
	Members      *tenancy.Members
	Links        *delegation.RequestLinks
	Applications *tenancy.Applications
	Clients      *client.Clients
	Vault        *vault.Vault
	Usage        *usage.Usage
	Sender       Application // which application sends usage
}

// New makes the API on a feed and the delegations.
func New(f *feed.Feed, d *delegation.Delegations, on Domain) *Pages {
	return &Pages{feed: f, delegations: d, on: on}
}

// Mount registers the routes. They are open because the token is the way in.
func (p *Pages) Mount(app *web.App) {
	p.tokens, p.failures = app.Tokens(), app.Failures()
	for pattern, handle := range map[string]web.Handler{
		"GET /v1/events": p.events,
		"GET /v1/state":  p.state,

		"GET /v1/visitor-policy":          p.policy,
		"PUT /v1/visitor-policy":          p.setPolicy,
		"POST /v1/visitor-policy/compare": p.comparePolicy,

		"GET /v1/request-link":         p.link,
		"POST /v1/request-link":        p.renewLink,
		"POST /v1/request-link/remove": p.removeLink,

		"GET /v1/delegation-mails":       p.mailDefault,
		"PUT /v1/delegation-mails":       p.setMailDefault,
		"GET /v1/delegations/{id}/mails": p.mails,
		"PUT /v1/delegations/{id}/mails": p.setMails,

		"POST /v1/delegations/extend":  p.extendSeveral,
		"POST /v1/delegations/shorten": p.shortenSeveral,
		"POST /v1/delegations/narrow":  p.narrowSeveral,
		"POST /v1/delegations/revoke":  p.revokeSeveral,

		"GET /v1/delegations":                   p.list,
		"POST /v1/delegations":                  p.grant,
		"GET /v1/delegations/{id}":              p.one,
		"POST /v1/delegations/{id}/extend":      p.extend,
		"POST /v1/delegations/{id}/revoke":      p.revoke,
		"POST /v1/delegations/{id}/compare":     p.compare,
		"POST /v1/delegations/{id}/amend":       p.amend,
		"POST /v1/delegations/{id}/approve":     p.approve,
		"POST /v1/delegations/{id}/reject":      p.reject,
		"POST /v1/delegations/{id}/withdraw":    p.withdraw,
		"POST /v1/delegations/{id}/confirm":     p.confirm,
		"POST /v1/delegations/{id}/refuse-more": p.refuseMore,

		"GET /v1/applications":               p.applications,
		"GET /v1/applications/{id}":          p.application,
		"POST /v1/applications/{id}/enable":  p.enable,
		"POST /v1/applications/{id}/disable": p.disable,

		"GET /v1/visits":           p.visits,
		"GET /v1/visits/{id}":      p.visit,
		"POST /v1/visits/{id}/end": p.endVisit,

		"GET /v1/requests":              p.requests,
		"GET /v1/requests/{id}":         p.request,
		"POST /v1/requests/{id}/refuse": p.refuse,

		"GET /v1/firm-delegations":               p.firms,
		"POST /v1/firm-delegations":              p.grantFirm,
		"GET /v1/firm-delegations/{id}":          p.firm,
		"POST /v1/firm-delegations/{id}/extend":  p.extendFirm,
		"POST /v1/firm-delegations/{id}/end":     p.endFirm,
		"POST /v1/firm-delegations/{id}/approve": p.approveFirm,
		"POST /v1/firm-delegations/{id}/refuse":  p.refuseFirm,
		"POST /v1/firm-delegations/{id}/confirm": p.confirmFirm,
		"POST /v1/firm-delegations/{id}/veto":    p.veto,
		"POST /v1/firm-delegations/{id}/lift":    p.lift,

		"GET /v1/my-delegations":                 p.mine,
		"GET /v1/my-delegations/{id}":            p.oneOfMine,
		"POST /v1/my-delegations/{id}/accept":    p.accept,
		"POST /v1/my-delegations/{id}/decline":   p.decline,
		"POST /v1/my-delegations/{id}/give-back": p.giveBack,
		"POST /v1/my-delegations/{id}/ask-more":  p.askMore,
		"GET /v1/my-visits":                      p.myVisits,
		"GET /v1/my-requests":                    p.myRequests,
		"POST /v1/my-requests":                   p.askForAccess,
		"GET /v1/my-requests/{id}":               p.myRequest,
		"POST /v1/my-requests/{id}/withdraw":     p.withdrawRequest,

		"GET /v1/consultants":                                  p.consultants,
		"GET /v1/consultants/firm-delegations/{id}":            p.firmGrant,
		"GET /v1/consultants/firm-delegations/{id}/candidates": p.candidates,
		"POST /v1/consultants/firm-delegations/{id}/name":      p.name,
		"POST /v1/consultants/firm-delegations/{id}/unname":    p.unname,

		"GET /v1/secrets":               p.secrets,
		"POST /v1/secrets":              p.makeSecret,
		"GET /v1/secrets/{id}":          p.secret,
		"POST /v1/secrets/{id}/reveal":  p.revealSecret,
		"POST /v1/secrets/{id}/replace": p.replaceSecret,
		"POST /v1/secrets/{id}/remove":  p.removeSecret,
	} {
		options := []web.Option{web.ByToken}
		if !strings.HasPrefix(pattern, http.MethodGet) {
			options = append(options, web.AnyEpoch)
		}
		app.Open(pattern, p.limited(handle), options...)
	}
	if p.on.Usage != nil {
		app.Open("POST /v1/usage", p.limited(p.ingest), web.ByToken, web.AnyEpoch, web.Body(usage.MaxBody))
	}
	app.Open("GET /v1/openapi.json", document)
}

// token is the bearer token of a request, or "".
func token(r *web.Request) string {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(text)
}

// limited counts the requests of each token, and of each address those that bring
// none that is right.
func (p *Pages) limited(handle web.Handler) web.Handler {
	return func(r *web.Request) (web.Response, error) {
		text := cmp.Or(token(r), basic(r))
		hash := secret.Hash(text)
		if text != "" {
			if err := p.tokens.Check(r, hash); err != nil {
				return web.Response{}, err
			}
		}
		if p.failures.Reached(r.Request, hash) {
			return web.Response{}, models.Fail(models.TooMany, "web.too_many")
		}
		answer, err := handle(r)
		if err != nil && models.KindOf(err) == models.Unauthenticated {
			p.failures.Wrong(r.Request, hash)
		} else if kind := models.KindOf(err); err == nil || kind == models.NotFound || kind == models.Conflict {
			p.failures.Right(hash) // it came as far as the domain
		}
		return answer, err
	}
}

// events gives a page of events, the oldest first.
func (p *Pages) events(r *web.Request) (web.Response, error) {
	query, err := queryOf(r, "after", "type", "limit")
	if err != nil {
		return web.Response{}, err
	}
	page, err := p.feed.Events(r.Context(), token(r), feed.Query{After: query.Get("after"), Types: query["type"], Limit: limit(query)})
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, page), nil
}

// state gives a page of everybody and every role.
func (p *Pages) state(r *web.Request) (web.Response, error) {
	query, err := queryOf(r, "after", "limit")
	if err != nil {
		return web.Response{}, err
	}
	state, err := p.feed.Snapshot(r.Context(), token(r), query.Get("after"), limit(query))
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(http.StatusOK, state), nil
}

// queryOf reads an address's parameters. One that the document does not know is
// refused: a mistyped one would else quietly do nothing.
func queryOf(r *web.Request, known ...string) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	wrong := models.FieldErrors{}
	if err != nil {
		wrong.Add("query", "feed.error.query")
	}
	for name := range query {
		found := false
		for _, one := range known {
			found = found || one == name
		}
		if !found {
			wrong.Add(name, "feed.error.parameter")
		}
	}
	return query, wrong.Err()
}

// limit reads how much is asked for; 0 when nothing is said.
func limit(query url.Values) int {
	if !query.Has("limit") {
		return 0
	}
	number, err := strconv.Atoi(query.Get("limit"))
	if err != nil || number == 0 {
		return -1 // which is out of every range
	}
	return number
}

func document(*web.Request) (web.Response, error) {
	return web.Bytes("application/openapi+json; charset=utf-8", Document), nil
}

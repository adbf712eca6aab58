package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"locum/handlers/web"
	"locum/models"
	"locum/models/tenancy"
)

// examples are what can stand for each parameter of a route, by the pattern up
// to it: what the tenant owns, where it is something of a tenant.
func examples(o tenant) map[string]string {
	return map[string]string{
		"/account/sessions/{session}":                           o.session,
		"/account/passkeys/{passkey}":                           o.passkey,
		"/account/tokens/{token}":                               o.accountToken,
		"/visitors/tokens/{token}":                              o.visitToken,
		"/v1/applications/{id}":                                 o.application,
		"/platform/applications/{application}/secrets/{secret}": "csc_that_nobody_has",
		"/applications/{application}":                           o.application,
		"/company/connectors/{id}":                              o.connector,
		"/company/domains/{id}":                                 o.domain,
		"/company/people/{account}":                             o.member,
		"/company/set-up-links/{id}":                            o.link,
		"/company/single-sign-on/{id}":                          o.connection,
		"/company/single-sign-on/{id}/keys/{key}":               "key_that_nobody_has",
		"/company/single-sign-on/{id}/test/{ticket}":            "a-ticket-that-nobody-got",
		"/saml/{connection}/sign-out/{relay}":                   "a-relay-that-nobody-got",
		"/delegations/{id}":                                     o.delegation,
		"/visitors/{id}":                                        "vis_that_nobody_makes",
		"/in/{organization}":                                    o.organization,
		"/in/{organization}/{path...}":                          "members",
		"/inbox/{notice}":                                       o.notice,
		"/invitations/{invitation}":                             o.invitation,
		"/members/invitations/{invitation}":                     o.invitation,
		"/members/{account}":                                    o.member,
		"/offers/{id}":                                          o.delegation,
		"/platform/applications/{application}":                  o.application,
		"/platform/companies/{company}":                         o.company,
		"/platform/companies/{company}/domains/{domain}":        o.domain,
		"/platform/roles/{role}":                                tenancy.Member,
		"/saml/{connection}":                                    o.connection,
		"/saml/{connection}/finish/{ticket}":                    "a-ticket-that-nobody-got",
		"/set-up-link/{token}":                                  "a-token-that-nobody-got",
		"/setup/{token}":                                        "a-token-that-nobody-got",
		"/company/runs/{run}":                                   o.run,
		"/platform/families/{family}":                           o.family,
		"/company/people/{account}/names/{name}":                o.identity,
		"/company/webhooks/{webhook}":                           o.hook,
		"/company/webhooks/{webhook}/deliveries/{delivery}":     o.posted,
		"/webhooks/{webhook}":                                   o.ownHook,
		"/webhooks/{webhook}/deliveries/{delivery}":             o.ownPosted,
		"/platform/webhooks/{webhook}":                          o.platformHook,
		"/platform/webhooks/{webhook}/deliveries/{delivery}":    o.platformPosted,
		"/company/api-tokens/{token}":                           o.token,
		"/organization/api-tokens/{token}":                      o.ownToken,
		"/places/{place}":                                       o.organization,
		"/v1/delegations/{id}":                                  o.delegation,
		"/v1/firm-delegations/{id}":                             o.firm,
		"/v1/requests/{id}":                                     o.request,
		"/v1/visits/{id}":                                       "vis_that_nobody_makes",
		"/v1/my-delegations/{id}":                               o.delegation,
		"/v1/my-requests/{id}":                                  o.wish,
		"/v1/consultants/firm-delegations/{id}":                 o.firmGrant,
		"/company/break-glass/{account}":                        o.owner,
		"/company/break-glass/sessions/{session}":               o.breakGlass,
		"/delegation-requests/{id}":                             o.request,
		"/firms/{id}":                                           o.firm,
		"/firms/{id}/people/{account}":                          o.named,
		"/company/consultants/firms/{id}":                       o.firmGrant,
		"/my-delegations/requests/{id}":                         o.wish,
		"/request/{token}":                                      "a-token-that-nobody-got",
		"/company/directory/{id}":                               o.directory,
		"/company/directory/{id}/groups/{group}":                o.dirGroup,
		"/company/directory/{id}/people/{user}":                 o.dirUser,
		"/company/directory/{id}/requests/{request}":            o.dirRequest,
		"/company/directory/{id}/tokens/{token}":                o.dirToken,
		"/v1/secrets/{id}":                                      o.secret,
		"/secrets/{secret}":                                     o.secret,
		"/secrets/{secret}/versions/{version}":                  "1",
		"/usage/quarantine/{record}":                            o.usage,
		"/company/usage/quarantine/{record}":                    o.usage,
		"/platform/usage/{record}":                              o.strayUsage,
		"/company/meters/{meter}":                               o.meter,
		"/company/meters/{meter}/prices/{price}":                o.price,
		"/platform/meters/{meter}":                              o.platformMeter,
		"/platform/meters/{meter}/prices/{price}":               o.platformPrice,
		"/oauth/authorize/{id}":                                 "arq_that_nobody_made",
	}
}

// everyones are parameters that name what is no tenant's secret: the registry
// of applications, and the way in to an identity provider.
var everyones = []string{"/applications/{application}", "/platform/applications/{application}", "/platform/families/{family}", "/platform/roles/{role}", "/request/{token}", "/saml/{connection}", "/set-up-link/{token}", "/setup/{token}", "/v1/applications/{id}"}

// fill puts examples into a pattern. used gets what was asked for.
func fill(t *testing.T, pattern string, o tenant, used map[string]bool) string {
	t.Helper()
	given := examples(o)
	path, upTo := "", ""
	for _, segment := range strings.Split(strings.TrimPrefix(pattern, "/"), "/") {
		upTo += "/" + segment
		switch {
		case segment == "{$}":
			path += "/"
		case strings.HasPrefix(segment, "{"):
			value, there := given[upTo]
			if !there {
				t.Fatalf("the route %s has a parameter of which this test has no example: add %q to examples in handlers/walk_test.go, "+
					"with an id that the tenant owns (and make one in furnish), so that no stranger can use it unnoticed", pattern, upTo)
			}
			used[upTo] = true
			path += "/" + value
		default:
			path += "/" + segment
		}
	}
	return path
}

// private says that a pattern names something of a tenant.
func private(pattern string) bool {
	return strings.Contains(pattern, "{") && !strings.Contains(pattern, "{$}") &&
		!slices.ContainsFunc(everyones, func(e string) bool { return strings.HasPrefix(pattern, e) })
}

// loaded is a form, or a query, with everything of a tenant in it that any
// form asks for, filled in so that its owner could have it carried out.
func loaded(o tenant) url.Values {
	return url.Values{
		"organization": {o.organization}, "company": {o.company}, "account": {o.member}, "application": {o.application}, "role": {tenancy.Member},
		"delegation": {o.delegation}, "connection": {o.connection}, "from": {o.connector}, "visit": {models.NewID("vis")},
		"email": {"noor@noorhendriks.example"}, "name": {"bakery.example"}, "period": {"1w"}, "brake_percent": {"10"}, "brake_people": {"25"}, "brake_raised": {"5"}, "time_zone": {"Europe/Amsterdam"},
		"state": {"on"}, "level": {"organization"}, "save": {"yes"}, "enabled": {"yes"}, "version": {"1"}, "hue": {"3"}, "idle_hours": {"12"}, "longest_days": {"30"}, "sign_in_minutes": {"0"}, "notify": {"at_once"},
		"purpose": {string(models.ForDomains)}, "reason": {"asked for"}, "condition.match": {"all"}, "condition.0.attribute": {"group"}, "condition.0.operator": {"is"}, "condition.0.value": {"Bakers"},
		"ownership": {tenancy.Additive}, "no_match": {tenancy.NoMatchKeep}, "theme": {"dark"}, "metadata": {o.metadata},
		"url": {"https://hooks.example/again"}, "scope": {"events.read"}, "days": {"30"}, "since": {"2026-11-16T10:00"}, "until": {"2026-12-24T10:00"},
		"firm": {"devries.example"}, "people": {"3"}, "person": {o.owner},
		"do": {"extend"}, "id": {o.delegation}, "keep_out": {"yes"}, "decision": {"keep"}, "silent_hours": {"48"}, "response": {unsigned},
		"note": {"A trial run"}, "key": {"loaf"}, "unit": {"loaf"}, "amount": {"0.25"}, "currency": {"EUR"},
	}
}

// unsigned is the least that can be explained as a response.
const unsigned = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="2026-11-16T10:00:00Z">` +
	`<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>` +
	`<Assertion ID="_a" Version="2.0" IssueInstant="2026-11-16T10:00:00Z"><Subject><NameID>ria-1</NameID></Subject></Assertion></p:Response>`

// form is the loaded form of a route, as a page of an epoch sends it.
func form(route web.Route, o tenant, epoch int64) url.Values {
	f := loaded(o)
	if strings.HasPrefix(route.Pattern, "/delegations/{id}") {
		f.Set("version", strconv.FormatInt(o.version, 10))
	}
	if route.Pattern == "/delegations/bulk" {
		f.Set("chosen", o.delegation+" 0") // as nobody saw it: the delegation is for other forms
	}
	if route.Pattern == "/organization/api-tokens/new" {
		f.Set("scope", "delegations.read")
	}
	if strings.HasPrefix(route.Pattern, "/secrets/") {
		f.Set("kind", "text")
		f.Set("value", "a value")
		f.Set("name", "Secret "+route.Pattern) // each has one of its own
		if strings.HasSuffix(route.Pattern, "/replace") {
			f.Del("version") // any
		}
	}
	if strings.HasSuffix(route.Pattern, "/prices/new") {
		f.Set("from", "2026-12-24")
	}
	if route.Pattern == "/company/directory/{id}/remove" {
		f.Set("confirm", directoryName)
	}
	f.Set("epoch", strconv.FormatInt(epoch, 10))
	return f
}

// query is the loaded form in an address.
func query(o tenant) string {
	f := loaded(o)
	f.Del("metadata")
	return "?" + f.Encode()
}

// areas are the levels at which the permissions of an area stand, by the first
// part of the address.
var areas = map[string]models.Level{
	"company": models.CompanyLevel, "platform": models.PlatformLevel,
	"delegation-requests": models.OrganizationLevel, "firms": models.OrganizationLevel,
	"activity": models.OrganizationLevel, "applications": models.OrganizationLevel, "delegations": models.OrganizationLevel, "visitors": models.OrganizationLevel,
	"members": models.OrganizationLevel, "notifications": models.OrganizationLevel, "organization": models.OrganizationLevel, "webhooks": models.OrganizationLevel,
	"secrets": models.OrganizationLevel,
	"usage":   models.OrganizationLevel,
}

// manages says that a route asks for more than a permission to look.
func manages(route web.Route) bool {
	return route.Protection == web.PermissionRoute && !strings.HasSuffix(string(route.Permission), ".view")
}

// knowsEveryRoute holds the routes against the examples and against the lists
// of what is less protected than others.
func knowsEveryRoute(t *testing.T, h *hub, o tenant) {
	used := map[string]bool{}
	var raw, crossSite, anyEpoch, anybody []string
	for _, route := range h.routes {
		fill(t, route.Pattern, o, used)
		if route.Protection == web.RawRoute {
			raw = append(raw, route.Label())
		}
		if route.Method == http.MethodPost && route.Protection != web.OpenRoute && route.Protection != web.RawRoute && !manages(route) {
			anybody = append(anybody, route.Label())
		}
		if level := areas[strings.Split(route.Pattern, "/")[1]]; level != "" && route.Permission.Level() != level {
			t.Errorf("%s asks for %q, and its area is that of the %s", route.Label(), route.Permission, level)
		}
		if route.CrossSite {
			crossSite = append(crossSite, route.Label())
		} else if route.AnyEpoch {
			anyEpoch = append(anyEpoch, route.Label())
		}
	}
	for parameter := range examples(o) {
		if !used[parameter] {
			t.Errorf("no route has the parameter %s any more", parameter)
		}
	}
	for what, lists := range map[string][2][]string{
		"changes something for anybody who is signed in": {anybody, {"POST /account", "POST /account/address/test", "POST /account/passkeys", "POST /account/passkeys/begin", "POST /account/passkeys/{passkey}", "POST /account/passkeys/{passkey}/remove",
			"POST /account/sessions/revoke-others",
			"POST /account/sessions/{session}/revoke", "POST /account/step-up", "POST /account/step-up/begin", "POST /account/step-up/code", "POST /account/tokens", "POST /account/tokens/{token}/revoke", "POST /fill-in", "POST /inbox/read", "POST /inbox/{notice}/read", "POST /invitations/{invitation}", "POST /leave",
			"POST /my-delegations/requests/{id}/withdraw", "POST /offers/{id}/accept",
			"POST /offers/{id}/decline", "POST /offers/{id}/give-back", "POST /offers/{id}/more", "POST /places/{place}/pin", "POST /places/{place}/unpin", "POST /request/{token}", "POST /switch"}},
		"protects itself": {raw, {"/scim/v2/", "GET /.well-known/openid-configuration", "GET /assets/", "GET /auth/callback", "GET /auth/sign-out", "GET /auth/verify", "GET /healthz", "GET /metrics",
			"GET /oauth/keys", "GET /oauth/userinfo", "GET /readyz", "OPTIONS /.well-known/openid-configuration", "OPTIONS /oauth/keys", "OPTIONS /oauth/revoke", "OPTIONS /oauth/token", "OPTIONS /oauth/userinfo",
			"POST /oauth/introspect", "POST /oauth/revoke", "POST /oauth/token", "POST /oauth/userinfo"}},
		"takes posts of other sites": {crossSite, {"/scim/v2/", "POST /oauth/authorize", "POST /oauth/introspect", "POST /oauth/logout", "POST /oauth/revoke", "POST /oauth/token", "POST /oauth/userinfo", "POST /saml/{connection}/acs", "POST /saml/{connection}/slo"}},
		"takes forms of another epoch": {anyEpoch, {"POST /account/theme", "POST /fill-in", "POST /language", "POST /leave", "POST /oauth/logout/confirm", "POST /places/{place}/pin", "POST /places/{place}/unpin", "POST /set-up-link/{token}", "POST /set-up-link/{token}/code", "POST /setup/{token}", "POST /sign-in",
			"POST /sign-in/break-glass", "POST /sign-in/break-glass/code", "POST /sign-in/code", "POST /sign-in/code/again", "POST /sign-in/passkey", "POST /sign-in/passkey/begin", "POST /sign-out", "POST /sign-up", "POST /sign-up/finish", "POST /switch",
			"POST /v1/applications/{id}/disable", "POST /v1/applications/{id}/enable",
			"POST /v1/consultants/firm-delegations/{id}/name", "POST /v1/consultants/firm-delegations/{id}/unname",
			"POST /v1/delegations", "POST /v1/delegations/extend", "POST /v1/delegations/narrow", "POST /v1/delegations/revoke", "POST /v1/delegations/shorten",
			"POST /v1/delegations/{id}/amend", "POST /v1/delegations/{id}/approve", "POST /v1/delegations/{id}/compare", "POST /v1/delegations/{id}/confirm",
			"POST /v1/delegations/{id}/extend", "POST /v1/delegations/{id}/refuse-more", "POST /v1/delegations/{id}/reject", "POST /v1/delegations/{id}/revoke", "POST /v1/delegations/{id}/withdraw",
			"POST /v1/firm-delegations", "POST /v1/firm-delegations/{id}/approve", "POST /v1/firm-delegations/{id}/confirm", "POST /v1/firm-delegations/{id}/end", "POST /v1/firm-delegations/{id}/extend", "POST /v1/firm-delegations/{id}/lift",
			"POST /v1/firm-delegations/{id}/refuse", "POST /v1/firm-delegations/{id}/veto",
			"POST /v1/my-delegations/{id}/accept", "POST /v1/my-delegations/{id}/ask-more", "POST /v1/my-delegations/{id}/decline", "POST /v1/my-delegations/{id}/give-back",
			"POST /v1/my-requests", "POST /v1/my-requests/{id}/withdraw", "POST /v1/request-link", "POST /v1/request-link/remove", "POST /v1/requests/{id}/refuse", "POST /v1/secrets", "POST /v1/secrets/{id}/remove", "POST /v1/secrets/{id}/replace", "POST /v1/secrets/{id}/reveal", "POST /v1/usage",
			"POST /v1/visitor-policy/compare", "POST /v1/visits/{id}/end",
			"PUT /v1/delegation-mails", "PUT /v1/delegations/{id}/mails", "PUT /v1/visitor-policy"}},
	} {
		slices.Sort(lists[0])
		if !slices.Equal(lists[0], lists[1]) {
			t.Errorf("what %s is\n%v\nand should be\n%v", what, lists[0], lists[1])
		}
	}
}

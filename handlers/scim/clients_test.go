package scim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// exchange is a request as a client really sends it, and what it must get. {u1},
// {u2}, {g} and {g2} stand for ids.
type exchange struct {
	name         string
	method, path string
	body         string
	code         int
	want         []string // that the answer holds
	not          []string
	members      []string // of {g} afterwards, nil for not looked at
}

// okta is what Okta sends.
var okta = []exchange{
	{name: "looks for a user", method: "GET", path: `/Users?filter=` + url.QueryEscape(`userName eq "U1@devries.example"`) + `&startIndex=1&count=100`, code: 200, want: []string{`"totalResults":1`, `{u1}`}},
	{name: "finds nobody", method: "GET", path: `/Users?filter=` + url.QueryEscape(`userName eq "nobody@devries.example"`) + `&startIndex=1&count=100`, code: 200, want: []string{`"totalResults":0`, `"Resources":[]`}},
	{name: "imports a page of users", method: "GET", path: "/Users?startIndex=2&count=1", code: 200, want: []string{`"totalResults":2`, `"startIndex":2`, `"itemsPerPage":1`, `{u2}`}, not: []string{`{u1}`}},
	{name: "creates a user with everything it has", method: "POST", path: "/Users", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
		"userName":"u9@devries.example","name":{"givenName":"Una","familyName":"Nine"},"emails":[{"primary":true,"value":"u9@devries.example","type":"work"}],"displayName":"Una Nine","locale":"en-US",
		"externalId":"00u9","groups":[],"password":"1mz050nq","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"9","manager":{"value":"{u1}"}}}`, code: 201,
		want: []string{`"externalId":"00u9"`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"9","manager":{"value":"{u1}"}}`, `"location"`}, not: []string{"1mz050nq", "password"}},
	{name: "creates him again", method: "POST", path: "/Users", body: `{"userName":"U9@devries.example","active":true}`, code: 409, want: []string{`"scimType":"uniqueness"`}},
	{name: "reads all groups", method: "GET", path: "/Groups?startIndex=1&count=100", code: 200, want: []string{`"totalResults":2`, `{g}`, `{g2}`}},
	{name: "adds and removes in one request", method: "PATCH", path: "/Groups/{g2}", body: patch(`{"op":"remove","path":"members[value eq \"{u1}\"]"}`, `{"op":"add","path":"members","value":[{"value":"{u1}","display":"a@x"},{"value":"{u2}","display":"b@x"}]}`), code: 204},
	{name: "looks for a group", method: "GET", path: `/Groups?filter=` + url.QueryEscape(`displayName eq "Bakers"`), code: 200, want: []string{`"totalResults":1`, `{g}`}},
	{name: "adds a member with a display", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"add","path":"members","value":[{"value":"{u2}","display":"b@x"}]}`), code: 204, members: []string{"{u1}", "{u2}"}},
	{name: "removes a member by a path", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"remove","path":"members[value eq \"{u1}\"]"}`), code: 204, members: []string{"{u2}"}},
	{name: "replaces the members", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"replace","path":"members","value":[{"value":"{u1}"}]}`), code: 204, members: []string{"{u1}"}},
	{name: "renames a group and sends its id", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"replace","value":{"id":"{g}","displayName":"Bread"}}`), code: 204, members: []string{"{u1}"}},
	{name: "puts a group without members", method: "PUT", path: "/Groups/{g}", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{g}","displayName":"Bread and cake"}`, code: 200, want: []string{`"Bread and cake"`}, members: []string{"{u1}"}},
	{name: "puts a group with members", method: "PUT", path: "/Groups/{g}", body: `{"displayName":"Bread","members":[{"value":"{u2}","display":"b"}]}`, code: 200, members: []string{"{u2}"}},
	{name: "puts a user without active", method: "PUT", path: "/Users/{u1}", body: `{"userName":"u1@devries.example","name":{"givenName":"Una"},"password":"hush"}`, code: 200, want: []string{`"active":true`, `"Una"`}, not: []string{"hush", "password"}},
	{name: "puts a user with his extension", method: "PUT", path: "/Users/{u1}", body: `{"id":"{u1}","userName":"u1@devries.example","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Bakery"},"meta":{"resourceType":"User"}}`,
		code: 200, want: []string{`{"department":"Bakery"}`, `"active":true`}, not: []string{"Una"}},
	{name: "deletes a group", method: "DELETE", path: "/Groups/{g2}", code: 204},
	{name: "deactivates", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"replace","value":{"active":false}}`), code: 200, want: []string{`"active":false`}},
	{name: "reads whom it deactivated", method: "GET", path: "/Users/{u1}", code: 200, want: []string{`"active":false`}},
	{name: "puts a deactivation", method: "PUT", path: "/Users/{u2}", body: `{"userName":"u2@devries.example","active":false}`, code: 200, want: []string{`"active":false`}},
}

// entra is what Entra ID sends, in both its modes.
var entra = []exchange{
	{name: "looks by externalId", method: "GET", path: `/Users?filter=` + url.QueryEscape(`externalId eq "ext-u1"`), code: 200, want: []string{`"totalResults":1`, `{u1}`}},
	{name: "externalId is exact", method: "GET", path: `/Users?filter=` + url.QueryEscape(`externalId eq "EXT-U1"`), code: 200, want: []string{`"totalResults":0`}},
	{name: "reads a group without members", method: "GET", path: "/Groups/{g}?excludedAttributes=members", code: 200, want: []string{`"Bakers"`}, not: []string{"members", "{u1}"}},
	{name: "adds a member with a null reference", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"{u2}"}]}`), code: 204, members: []string{"{u1}", "{u2}"}},
	{name: "adds him again", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"{u2}"}]}`), code: 204, members: []string{"{u1}", "{u2}"}},
	{name: "probes a membership", method: "GET", path: `/Groups?attributes=id&filter=` + url.QueryEscape(`id eq "{g}" and members[value eq "{u2}"]`), code: 200, want: []string{`"totalResults":1`}, not: []string{"displayName"}},
	{name: "probes one that is not", method: "GET", path: `/Groups?filter=` + url.QueryEscape(`id eq "{g2}" and members[value eq "{u2}"]`), code: 200, want: []string{`"totalResults":0`, `"Resources":[]`}},
	{name: "removes a member by a value", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"Remove","path":"members","value":[{"value":"{u1}"}]}`), code: 204, members: []string{"{u2}"}},
	{name: "may not remove all without naming them", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"Remove","path":"members"}`), code: 400, want: []string{`"scimType":"noTarget"`}, members: []string{"{u2}"}},
	{name: "deactivates with a text", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Replace","path":"active","value":"False"}`), code: 200, want: []string{`"active":false`}},
	{name: "activates with a text", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Replace","path":"active","value":"True"}`), code: 200, want: []string{`"active":true`}},
	{name: "no other text is a boolean", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Replace","path":"active","value":"yes"}`), code: 400, want: []string{`"scimType":"invalidValue"`}},
	{name: "changes an address by a value path", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@devries.example"}`), code: 200, want: []string{`"n@devries.example"`}},
	{name: "sets a value path that is not there", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+31 6"}`), code: 200, want: []string{`"+31 6"`, `"mobile"`}},
	{name: "replaces without a path, with dots and URNs", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"replace","value":{"displayName":"N","name.givenName":"K","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"7"}}`), code: 200,
		want: []string{`"displayName":"N"`, `"givenName":"K"`, `"familyName":"Jansen"`, `"employeeNumber":"7"`}},
	{name: "sets a manager by a text", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"{u2}"}`), code: 200, want: []string{`"manager":{"value":"{u2}"}`}},
	{name: "replaces several paths in one request", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Replace","path":"name.familyName","value":"Nu"}`, `{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"Kade 1"}`,
		`{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Mill"}`, `{"op":"Remove","path":"title"}`), code: 200, want: []string{`"familyName":"Nu"`, `"streetAddress":"Kade 1"`, `"department":"Mill"`}},
	{name: "removes a manager", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"Remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}`), code: 200, not: []string{"manager"}},
	{name: "deactivates with a boolean, as the compliant mode does", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"replace","path":"active","value":false}`), code: 200, want: []string{`"active":false`}},
	{name: "activates without a path, as the compliant mode does", method: "PATCH", path: "/Users/{u1}", body: patch(`{"op":"replace","value":{"active":true,"userType":"Employee"}}`), code: 200, want: []string{`"active":true`, `"Employee"`}},
	{name: "adds a member as the compliant mode does", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"add","value":{"members":[{"value":"{u1}"}]}}`), code: 204, members: []string{"{u1}", "{u2}"}},
	{name: "removes him as the compliant mode does", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"remove","path":"members[value eq \"{u1}\"]"}`), code: 204, members: []string{"{u2}"}},
	{name: "creates a user with an extension", method: "POST", path: "/Users", body: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"0a21","userName":"u8@devries.example","active":true,
		"displayName":"u8","emails":[{"primary":true,"type":"work","value":"u8@devries.example"}],"meta":{"resourceType":"User"},"name":{"formatted":"gn fn","familyName":"fn","givenName":"gn"},"roles":[],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"IT"}}`, code: 201, want: []string{`"externalId":"0a21"`, `"department":"IT"`, `"resourceType":"User"`}, not: []string{`"roles"`}},
	{name: "asks whether its credentials work", method: "GET", path: `/Users?filter=` + url.QueryEscape(`userName eq "7ff0a9b2-0000-0000-0000-000000000000"`), code: 200, want: []string{`"totalResults":0`, `"Resources":[]`}},
	{name: "renames a group", method: "PATCH", path: "/Groups/{g}", body: patch(`{"op":"Replace","path":"displayName","value":"Bread"}`), code: 204, members: []string{"{u2}"}},
	{name: "deletes a group", method: "DELETE", path: "/Groups/{g2}", code: 204},
	{name: "deletes a user", method: "DELETE", path: "/Users/{u2}", code: 204, members: []string{}},
	{name: "deletes him again", method: "DELETE", path: "/Users/{u2}", code: 404, want: []string{`"status":"404"`}},
}

func TestWhatOktaSends(t *testing.T)  { each(t, func(t *testing.T, h *hub) { h.plays(t, okta) }) }
func TestWhatEntraSends(t *testing.T) { each(t, func(t *testing.T, h *hub) { h.plays(t, entra) }) }

// plays sends a client's requests one after the other.
func (h *hub) plays(t *testing.T, list []exchange) {
	u1, u2 := h.user("u1"), h.user("u2")
	g, g2 := h.group("Bakers", u1), h.group("Millers")
	ids := strings.NewReplacer("{u1}", u1, "{u2}", u2, "{g}", g, "{g2}", g2, "%7Bu2%7D", u2, "%7Bg%7D", g, "%7Bg2%7D", g2)
	for _, x := range list {
		got := h.send(x.method, ids.Replace(x.path), ids.Replace(x.body), "User-Agent", "")
		if got.Code != x.code {
			t.Errorf("%s: %d instead of %d: %s", x.name, got.Code, x.code, got.Text)
		}
		for _, want := range x.want {
			if !strings.Contains(got.Text, ids.Replace(want)) {
				t.Errorf("%s: %s is not in %s", x.name, ids.Replace(want), got.Text)
			}
		}
		for _, not := range x.not {
			if strings.Contains(got.Text, ids.Replace(not)) {
				t.Errorf("%s: %s is in %s", x.name, ids.Replace(not), got.Text)
			}
		}
		if x.members != nil {
			want := make([]string, len(x.members))
			for i, m := range x.members {
				want[i] = ids.Replace(m)
			}
			slices.Sort(want)
			if have := h.members(g); !slices.Equal(have, want) {
				t.Errorf("%s: the members are %q instead of %q", x.name, have, want)
			}
		}
	}
}

// bad is what must be refused, and how.
func TestBadInputIsRefusedClearly(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		g := h.group("Bakers", u)
		deep := strings.Repeat("(", 40) + `userName pr` + strings.Repeat(")", 40)
		operations := strings.TrimSuffix(strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 10_001), ",")
		for _, c := range []struct {
			name, method, path, body string
			code                     int
			scimType                 string
			header                   []string
		}{
			{name: "a filter too deep", method: "GET", path: "/Users?filter=" + url.QueryEscape(deep), code: 400, scimType: "invalidFilter"},
			{name: "a filter without a value", method: "GET", path: "/Users?filter=" + url.QueryEscape("userName eq"), code: 400, scimType: "invalidFilter"},
			{name: "an unknown operator", method: "GET", path: "/Users?filter=" + url.QueryEscape(`userName is "x"`), code: 400, scimType: "invalidFilter"},
			{name: "10,001 operations", method: "PATCH", path: "/Users/" + u, body: patch(operations), code: 413},
			{name: "a body too large", method: "POST", path: "/Users", body: `{"userName":"` + strings.Repeat("x", 9<<20) + `"}`, code: 413},
			{name: "another content type", method: "POST", path: "/Users", body: `<x/>`, code: 415, header: []string{"Content-Type", "application/xml"}},
			{name: "invalid UTF-8", method: "POST", path: "/Users", body: "{\"userName\":\"\xff\"}", code: 400, scimType: "invalidSyntax"},
			{name: "NUL", method: "POST", path: "/Users", body: `{"userName":"a\u0000b"}`, code: 400, scimType: "invalidValue"},
			{name: "no JSON", method: "POST", path: "/Users", body: `{`, code: 400, scimType: "invalidSyntax"},
			{name: "too deep JSON", method: "POST", path: "/Users", body: strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50), code: 400, scimType: "invalidSyntax"},
			{name: "no userName", method: "POST", path: "/Users", body: `{"displayName":"x"}`, code: 400, scimType: "invalidValue"},
			{name: "a userName that is taken, in another case", method: "POST", path: "/Users", body: `{"userName":"U1@DEVRIES.example"}`, code: 409, scimType: "uniqueness"},
			{name: "an unknown operation", method: "PATCH", path: "/Users/" + u, body: patch(`{"op":"move","path":"title"}`), code: 400, scimType: "invalidSyntax"},
			{name: "a path that is none", method: "PATCH", path: "/Users/" + u, body: patch(`{"op":"add","path":"emails[","value":"x"}`), code: 400, scimType: "invalidPath"},
			{name: "an id that is changed", method: "PATCH", path: "/Users/" + u, body: patch(`{"op":"replace","path":"id","value":"x"}`), code: 400, scimType: "mutability"},
			{name: "remove without a path", method: "PATCH", path: "/Users/" + u, body: patch(`{"op":"remove"}`), code: 400, scimType: "noTarget"},
			{name: "a member without a value", method: "PATCH", path: "/Groups/" + g, body: patch(`{"op":"add","path":"members","value":[{"display":"x"}]}`), code: 400, scimType: "invalidValue"},
			{name: "/Me", method: "GET", path: "/Me", code: 501},
			{name: "an unknown resource", method: "GET", path: "/Devices", code: 404},
			{name: "an unknown id", method: "GET", path: "/Users/dusr_nobody", code: 404},
			{name: "a version that is no more", method: "PATCH", path: "/Users/" + u, body: patch(`{"op":"add","path":"title","value":"x"}`), code: 412, header: []string{"If-Match", `W/"7"`}},
			{name: "a wrong method", method: "PUT", path: "/Users", body: "{}", code: 405},
			{name: "no token", method: "GET", path: "/Users", code: 401, header: []string{"Authorization", ""}},
			{name: "an unknown token", method: "GET", path: "/Users", code: 401, header: []string{"Authorization", "Bearer scim_nobody"}},
		} {
			before := h.total()
			got := h.send(c.method, c.path, c.body, c.header...)
			if scimType, _ := got.at("scimType").(string); got.Code != c.code || scimType != c.scimType {
				t.Errorf("%s: %d %q instead of %d %q: %s", c.name, got.Code, scimType, c.code, c.scimType, got.Text)
			}
			if detail, _ := got.at("detail").(string); detail == "" || strings.Contains(detail, "directory.") || strings.Contains(detail, "sql") {
				t.Errorf("%s: the detail is %q", c.name, detail)
			}
			if now := h.total(); now != before {
				t.Errorf("%s: %d events", c.name, now-before)
			}
		}
		// A failed operation undoes those before it.
		h.wants(400, "PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values("someone")+`}`, `{"op":"replace","path":"id","value":"x"}`))
		if got := h.members(g); !slices.Equal(got, []string{u}) {
			t.Errorf("half of a PATCH was applied: %q", got)
		}
	})
}

func TestOddRequestsAreAccepted(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		h.wants(200, "GET", "/Users/", "")
		h.wants(200, "GET", "/Users/"+u+"/", "")
		h.wants(201, "POST", "/Users", `{"userName":"u2@devries.example"}`, "Content-Type", "")
		h.wants(201, "POST", "/Users", `{"userName":"u3@devries.example"}`, "Content-Type", "application/json; charset=utf-8", "User-Agent", "")
		for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"} {
			h.wants(200, "GET", path, "")
		}
	})
}

func TestETagsGuardAndSpare(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		tag := h.wants(200, "GET", "/Users/"+u, "").Header.Get("ETag")
		h.wants(http.StatusNotModified, "GET", "/Users/"+u, "", "If-None-Match", tag)
		next := h.wants(200, "PATCH", "/Users/"+u, patch(`{"op":"add","path":"title","value":"x"}`), "If-Match", tag).Header.Get("ETag")
		if next == tag {
			t.Error("the version stayed")
		}
		if again := h.wants(200, "PATCH", "/Users/"+u, patch(`{"op":"add","path":"title","value":"x"}`)).Header.Get("ETag"); again != next {
			t.Error("nothing changed, and the version did")
		}
	})
}

func TestPagesAndSorting(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		for _, name := range []string{"cas", "anna", "bo"} {
			h.user(name)
		}
		names := func(query string) (list []string) {
			found, _ := h.wants(200, "GET", "/Users?"+query, "").at("Resources").([]any)
			for _, one := range found {
				name, _, _ := strings.Cut(one.(map[string]any)["userName"].(string), "@")
				list = append(list, name)
			}
			return list
		}
		for query, want := range map[string][]string{
			"count=0":                              nil,
			"sortBy=userName":                      {"anna", "bo", "cas"},
			"sortBy=userName&sortOrder=descending": {"cas", "bo", "anna"},
			"sortBy=name.givenName":                {"anna", "bo", "cas"},
			"sortBy=userName&startIndex=0&count=2": {"anna", "bo"},
			"sortBy=userName&startIndex=3&count=2": {"cas"},
			"startIndex=9":                         nil,
			"sortBy=userName&filter=" + url.QueryEscape(`name.givenName sw "B" or not (emails[type eq "work" and value co "cas@"] or userName sw "a")`): {"bo"},
			"sortBy=userName&filter=" + url.QueryEscape(`active eq true and emails co "devries"`):                                                       {"anna", "bo", "cas"},
			"filter=" + url.QueryEscape(`urn:ietf:params:scim:schemas:core:2.0:User:userName EQ "bo@devries.example"`):                                  {"bo"},
			"filter=" + url.QueryEscape(`meta.created gt "2030-01-01T00:00:00Z"`):                                                                       nil,
			"filter=" + url.QueryEscape(`title pr`):                                                                                                     nil,
		} {
			if got := names(query); !slices.Equal(got, want) {
				t.Errorf("%s: %q instead of %q", query, got, want)
			}
		}
		// RFC 7644, section 3.4.2.3: without a value last, or first when descending.
		h.wants(201, "POST", "/Users", `{"userName":"none@devries.example"}`)
		for query, want := range map[string][]string{
			"sortBy=externalId":                            {"anna", "bo", "cas", "none"},
			"sortBy=externalId&sortOrder=descending":       {"none", "cas", "bo", "anna"},
			"sortBy=name.givenName":                        {"anna", "bo", "cas", "none"},
			"sortBy=name.givenName&sortOrder=descending":   {"none", "cas", "bo", "anna"},
			"sortBy=emails&sortOrder=descending&count=2":   {"none", "cas"},
			"sortBy=externalId&startIndex=3&count=2":       {"cas", "none"},
			"sortBy=externalId&filter=userName+sw+%22n%22": {"none"},
		} {
			if got := names(query); !slices.Equal(got, want) {
				t.Errorf("%s: %q instead of %q", query, got, want)
			}
		}
		if got := h.wants(200, "GET", "/Users?count=0", ""); got.at("totalResults") != 4.0 {
			t.Errorf("count=0 tells %v", got.at("totalResults"))
		}
	})
}

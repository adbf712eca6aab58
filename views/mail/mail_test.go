package mail

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"locum/models"
	"locum/models/delegation"
	"locum/models/mail"
	"locum/views/i18n"
)

var (
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	links = NewLinks("https://access.example/")

	bakery    = mail.Place{ID: "org_bakery", Name: "Zonneveld Bakkerijen", Company: "Zonneveld Bakkerijen", Domain: "zonneveld.example", Hue: 5, TimeZone: "Europe/Amsterdam"}
	logistics = mail.Place{Name: "De Vries Logistiek", Company: "De Vries Logistiek", Domain: "devries.example"}

	kade = mail.Place{ID: "org_kade", Name: "Kade Consultants", Company: "Kade Consultants", Domain: "kade.example", Hue: 8}
)

func at(d time.Duration) models.Instant { return models.At(noon.Add(d)) }

func given() mail.Delegated {
	end := at(7 * 24 * time.Hour)
	return mail.Delegated{Delegation: "dlg_1", Host: bakery, Person: "Sanne Kuipers", Email: "sanne@kade.example", Firm: kade,
		GivenBy: "Karin Schouten", Reason: "Monthly closing", Ticket: "ZB-2087", Roles: []string{"Member", "Report reader"}, Starts: at(-time.Hour), Ends: &end}
}

func endless() mail.Delegated {
	d := given()
	d.Ends, d.Reason, d.Ticket, d.Firm = nil, "", "", mail.Place{}
	d.Person = d.Email
	return d
}

// samples are mails of every kind, in every form that has words of its own.
func samples() map[string]mail.Content {
	before := at(24 * time.Hour)
	all := map[string]mail.Content{
		"code":         SignInCode{mail.Code{Request: "cod_1", Expires: at(10 * time.Minute)}, "7K3M9QXT"},
		"code_sign_up": SignInCode{mail.Code{Request: "cod_1", SignUp: true, Expires: at(10 * time.Minute)}, "7K3M9QXT"},
		"code_set_up":  SignInCode{mail.Code{Request: "cod_1", SetUp: "De Vries Logistiek", Expires: at(10 * time.Minute)}, "7K3M9QXT"},
		"set_up_link": SetUpAddress{mail.SetUpLink{Mandate: "mdt_1", Company: logistics, InvitedBy: "Marieke de Vries", Purposes: []string{"single_sign_on", "domains"},
			Expires: at(7 * 24 * time.Hour)}, "a-token"},
		"set_up_opened": mail.SetUpOpened{Mandate: "mdt_1", Company: logistics, Person: "Ilse Brouwer", Email: "ilse@it.example", MadeBy: "Marieke de Vries",
			Purposes: []string{"certificate", "role_mapping"}, At: at(0), Ends: at(24 * time.Hour), Address: "192.0.2.7"},
		"set_up_opened_nameless": mail.SetUpOpened{Mandate: "mdt_1", Company: logistics, Email: "ilse@it.example", MadeBy: "Marieke de Vries",
			Purposes: []string{"domains"}, At: at(0), Ends: at(24 * time.Hour)},
		"set_up_began":      mail.SetUpBegan{Mandate: "mdt_1", Company: logistics, Operator: "Olga Brandt", Email: "olga@hub.example", Reason: "They asked for help", At: at(0), Ends: at(8 * time.Hour)},
		"member_invitation": mail.MemberInvitation{Invitation: "inv_1", Host: bakery, InvitedBy: "Karin Schouten", Roles: []string{"Member"}, Expires: at(7 * 24 * time.Hour)},
	}
	devries := mail.Place{Name: "De Vries Logistiek", Company: "De Vries Logistiek"}
	all["break_glass_code"] = SignInCode{mail.Code{Request: "cod_1", Expires: at(10 * time.Minute), BreakGlass: devries.Name}, "7K3M9QXT"}
	all["break_glass_entered"] = mail.BreakGlassEntered{Company: devries, Person: "Jan-Willem Hoekstra", Email: "jan@devries.example",
		Reason: "The provider is down\r\nRevoked: no", Address: "192.0.2.7", At: at(0), Ends: at(time.Hour)}
	for name, named := range map[string]bool{"named": true, "removed": false} {
		all["break_glass_"+name] = mail.BreakGlassNamed{Company: devries, Person: "Jan-Willem Hoekstra", Email: "jan@devries.example", By: "Marieke de Vries", At: at(0), Named: named}
	}
	all["passkey_added"], all["passkey_removed"] = mail.Passkey{Added: true, Name: "Work laptop", At: at(0), Address: "192.0.2.7"}, mail.Passkey{Name: "Work laptop", At: at(0)}
	for name, other := range map[string]bool{"": false, "_other": true} {
		all["passkeys_reset"+name] = mail.PasskeysReset{Person: "Sanne Kuipers", Email: "sanne@kade.example", By: "Karin Schouten", Count: 2, At: at(0), ToOther: other}
	}
	all["no_break_glass"], all["seat"] = mail.NoBreakGlass{}, mail.Seat{Company: devries}
	all["run_held"] = mail.RunHeld{Run: "run_1", Name: "Staff", Company: mail.Place{Name: "De Vries Logistiek", Company: "De Vries Logistiek"}, Left: 87600}
	all["held"] = mail.Held{Place: bakery, Organization: true, Role: "Superuser", At: at(0)}
	for name, reading := range map[string][2]bool{"": {}, "_address": {true, false}, "_failing": {true, true}} {
		all["certificate"+name] = mail.Certificate{Connection: "con_1", Name: "De Vries sign-in", Company: mail.Place{Name: "De Vries Logistiek", Company: "De Vries Logistiek"},
			Ends: at(30 * 24 * time.Hour), Fingerprint: strings.Repeat("0a", 32), ByAddress: reading[0], Failing: reading[1]}
	}
	since := at(-120 * time.Hour)
	through := given()
	all["secret_revealed"] = mail.SecretGiven{Host: bakery, Secret: "sec_1", Name: "Bank token", Version: 2, Person: "Karin Schouten", Email: "karin@zonneveld.example", Firm: bakery, At: at(0), Address: "192.0.2.7"}
	all["secret_revealed_visitor"] = mail.SecretGiven{Host: bakery, Secret: "sec_1", Name: "Bank token\r\nRevoked: no", Version: 1, Older: true, Person: through.Person, Email: through.Email, Firm: through.Firm, At: at(0), Through: &through, Visit: "vis_1"}
	all["secret_used"] = mail.SecretGiven{Host: bakery, Secret: "sec_1", Name: "Bank token", Version: 2, Used: true, Person: "Karin Schouten", Email: "karin@zonneveld.example", Firm: bakery, At: at(0)}
	all["secret_expiring"] = mail.SecretExpiring{Host: bakery, Secret: "sec_1", Name: "Bank token", Ends: at(72 * time.Hour)}
	all["secret_expired"] = mail.SecretExpiring{Host: bakery, Secret: "sec_1", Name: "Bank token", Ends: at(0), Over: true}
	all["webhook_off"] = mail.WebhookOff{Endpoint: "whe_1", Host: "hooks.devries.example", Place: devries, Why: "failing", Since: &since, At: at(0)}
	all["webhook_gone"] = mail.WebhookOff{Endpoint: "whe_1", Host: "hooks.devries.example", Place: devries, Why: "gone", At: at(0)}
	all["webhook_off_organization"] = mail.WebhookOff{Endpoint: "whe_1", Host: "hooks.zonneveld.example", Place: bakery, Organization: true, Why: "gone", At: at(0)}
	all["webhook_off_platform"] = mail.WebhookOff{Endpoint: "whe_1", Host: "hooks.hub.example", Why: "failing", Since: &since, At: at(0)}
	staff := mail.Directory{ID: "dir_1", Name: "Entra ID", Company: devries}
	all["directory_held"] = mail.DirectoryHeld{Directory: staff, Lost: 25, Waiting: 1200, At: at(0)}
	all["directory_kept"] = mail.DirectoryKept{Directory: staff, Person: "Marieke de Vries", Role: "Manager", At: at(0)}
	all["directory_kept_superuser"] = mail.DirectoryKept{Directory: staff, Person: "Jan-Willem Hoekstra", Role: "Superuser", Where: "De Vries Production", At: at(0)}
	all["directory_token"] = mail.DirectoryToken{Directory: staff, Suffix: "x7Qp", Ends: at(7 * 24 * time.Hour)}
	all["directory_token_ended"] = mail.DirectoryToken{Directory: staff, Suffix: "x7Qp", Ends: at(-time.Hour), Ended: true}
	all["directory_silent"] = mail.DirectorySilent{Directory: staff, Last: at(-72 * time.Hour), Hours: 72}
	all["silence"] = mail.Silence{Connection: "con_1", Name: "De Vries sign-in", Company: mail.Place{Name: "De Vries Logistiek", Company: "De Vries Logistiek"}, Last: at(-72 * time.Hour), Hours: 72}
	entered, until := at(-time.Hour), at(7*24*time.Hour)
	all["digest"] = mail.Digest{Host: bakery, From: at(-10 * time.Hour), To: at(0), More: 2, Of: []mail.Digested{
		{Delegated: given(), Lines: []mail.DigestLine{{Kind: mail.AnsweredKind, At: at(-10 * time.Hour), Yes: true}, {Kind: mail.AnsweredKind, At: at(-9 * time.Hour)},
			{Kind: mail.LeftKind, Visit: "vis_1", Entered: &entered, At: at(0), Why: string(delegation.SwitchedBack), Done: []mail.Line{{Type: "member.invited", Count: 2}}}}},
		{Delegated: endless(), Lines: []mail.DigestLine{{Kind: mail.EnteredKind, Visit: "vis_2", At: at(0)}, {Kind: mail.TokenMadeKind, Name: "Nightly export", At: at(0)}}}}}
	for _, why := range []string{"bounced", "lost", "nobody"} {
		all["unwatched_"+why] = mail.Unwatched{Host: bakery, Person: "Pim Zonneveld", Email: "pim@zonneveld.example", Why: why, Names: []string{"Sanne Kuipers"}, At: at(0)}
	}
	all["loosened"] = mail.Loosened{Host: bakery, By: "Karin Schouten", What: []string{"approval", "cap", "networks"}, At: at(0)}
	all["loosened_configuration"] = mail.Loosened{Host: bakery, What: []string{"second_factor", "sign_in", "own_sign_on", "mail"}, At: at(0)}
	all["test"] = mail.Test{Asked: at(0)}
	for name, end := range map[string]*models.Instant{"": &before, "_endless": nil} {
		firm := mail.FirmDelegated{ID: "fdl_1", Host: bakery, Firm: mail.Place{Name: "Kade Consultants", Domain: "kade.example"}, GivenBy: "Karin Schouten",
			People: 3, Roles: []string{"Member"}, Reason: "Stock count", Ticket: "INV-1", Starts: at(0), Ends: end}
		all["firm_given"+name] = mail.FirmGiven{FirmDelegated: firm}
		all["firm_granted"+name] = mail.FirmGranted{FirmDelegated: firm, By: "Karin Schouten"}
		all["firm_proposed"+name] = mail.FirmProposed{FirmDelegated: firm, Lapses: at(7 * 24 * time.Hour)}
		for side, toFirm := range map[string]bool{"": false, "_firm": true} {
			all["firm_expiring"+side+name] = mail.FirmExpiring{FirmDelegated: firm, Named: 2, ToFirm: toFirm}
			all["firm_expired"+side+name] = mail.FirmExpired{FirmDelegated: firm, At: at(0), ToFirm: toFirm}
			all["firm_held"+side+name] = mail.FirmHeld{FirmDelegated: firm, Why: delegation.Unconfirmed, ToFirm: toFirm}
			all["firm_resumed"+side+name] = mail.FirmResumed{FirmDelegated: firm, By: "Karin Schouten", ToFirm: toFirm}
			all["firm_over"+side+name] = mail.FirmOver{FirmDelegated: firm, By: "Karin Schouten", At: at(0), ToFirm: toFirm}
		}
		all["firm_extended"+name] = mail.FirmGranted{FirmDelegated: firm, By: "Karin Schouten", Extended: true}
		all["firm_wanted"+name] = mail.FirmProposed{FirmDelegated: firm, Lapses: at(7 * 24 * time.Hour), Extends: true, By: "Pim Zonneveld", Before: &before}
		for _, why := range []delegation.Question{delegation.ReviewDue, delegation.GranterGone} {
			all["firm_question_"+string(why)+name] = mail.FirmQuestion{FirmDelegated: firm, Why: string(why), AnswerBy: at(14 * 24 * time.Hour), Again: name != ""}
		}
		all["firm_answered_lapsed"+name] = mail.FirmAnswered{FirmDelegated: firm, Outcome: string(delegation.HasLapsed)}
		for _, outcome := range []delegation.Outcome{delegation.WasApproved, delegation.WasRejected, delegation.HasLapsed} {
			all["firm_answered_extension_"+string(outcome)+name] = mail.FirmAnswered{FirmDelegated: firm, By: "Pim Zonneveld", Outcome: string(outcome), Extends: true}
		}
		all["firm_extended_firm"+name] = mail.FirmGiven{FirmDelegated: firm, Extended: true}
	}
	for name, period := range map[string]string{"": "1w", "_date": "date"} {
		all["access_requested"+name] = mail.AccessRequested{Request: "drq_1", Host: bakery, Person: "Sanne Kuipers", Email: "sanne@kade.example",
			Firm: mail.Place{Name: "Kade Consultants", Domain: "kade.example"}, Period: period, Reason: "Stock count", Ticket: "INV-1", Lapses: at(7 * 24 * time.Hour)}
	}
	for name, note := range map[string]string{"": "", "_note": "Ask again in January"} {
		all["access_request_refused"+name] = mail.AccessRequestRefused{Request: "drq_1", Host: bakery, Person: "Sanne Kuipers", Reason: "Stock count", Note: note}
	}
	for name, d := range map[string]mail.Delegated{"": given(), "_endless": endless()} {
		all["token_made"+name] = mail.TokenMade{Delegated: d, Visit: "vis_1", At: at(0), Address: "192.0.2.7", Name: "Nightly export\r\nRevoked: no", Suffix: "x7Qp",
			Application: map[string]string{"": "Planning"}[name], Expires: at(30 * 24 * time.Hour)}
		all["firm_person"+name] = mail.FirmPerson{Delegated: d, FirmDelegation: "fdl_1", By: "Sanne Kuipers"}
		all["invitation"+name] = mail.Invitation{Delegated: d}
		all["granted"+name] = mail.Granted{Delegated: d}
		all["accepted"+name] = mail.Answered{Delegated: d, Accepted: true}
		all["declined"+name] = mail.Answered{Delegated: d}
		all["entered"+name] = mail.Entered{Delegated: d, Visit: "vis_1", At: at(0), Address: "192.0.2.7", First: name == ""}
		all["left"+name] = mail.Left{Delegated: d, Visit: "vis_1", Entered: at(-38 * time.Minute), At: at(0), Why: string(delegation.SwitchedBack),
			Done: []mail.Line{{Type: "member.invited", Count: 2}, {Type: "application.enabled", Count: 1}, {Type: "something.new", Count: 3}}}
		for _, amends := range []bool{false, true} {
			kind := fmt.Sprintf("approval_%t", amends)
			all[kind+name] = mail.ApprovalAsked{Delegated: d, By: "Karin Schouten", Due: at(0), Amends: amends, Before: &before, RolesBefore: []string{"Member"}}
			for _, outcome := range []string{"approved", "rejected", "lapsed"} {
				all[kind+outcome+name] = mail.ApprovalAnswered{Delegated: d, By: "Pim Zonneveld", Outcome: outcome, Note: "By phone", Amends: amends}
			}
		}
		all["entered_strange"+name] = mail.Entered{Delegated: d, Visit: "vis_1", At: at(0), Address: "192.0.2.7", Strange: true, Silent: true, Device: "Firefox, Linux"}
		all["muted"+name] = mail.WatchChanged{Delegated: d, Superuser: "Pim Zonneveld", Until: &until, At: at(0)}
		all["unmuted"+name] = mail.WatchChanged{Delegated: d, Superuser: "Pim Zonneveld", At: at(0)}
		all["mute_over"+name] = mail.MuteEnded{Delegated: d, Mode: "at_once", Why: delegation.MuteOver, At: at(0)}
		all["mute_endless"+name] = mail.MuteEnded{Delegated: d, Mode: "digest", Why: delegation.MuteEndless, At: at(0)}
		for _, again := range []bool{false, true} {
			all[fmt.Sprintf("review%s_%v", name, again)] = mail.Question{Delegated: d, Why: string(delegation.ReviewDue), AnswerBy: at(24 * time.Hour), Again: again}
			all[fmt.Sprintf("granter%s_%v", name, again)] = mail.Question{Delegated: d, Why: string(delegation.GranterGone), AnswerBy: at(24 * time.Hour), Again: again}
		}
		all["more_asked"+name] = mail.MoreAsked{Delegated: d, Wanted: at(240 * time.Hour), Because: "The count takes longer\r\nGranted: yes"}
		all["more_refused"+name] = mail.MoreRefused{Delegated: d, By: "Karin Schouten", Note: "We do the rest ourselves"}
		for _, why := range []string{delegation.Redundant, delegation.Unreviewed, delegation.Unconfirmed, delegation.Readdressed, delegation.Rehomed} {
			all["suspended_"+why+name] = mail.Suspended{Delegated: d, At: at(0), Why: why}
		}
		all["left_host"+name] = mail.Left{Delegated: d, Visit: "vis_1", Entered: at(-38 * time.Minute), At: at(0), Why: string(delegation.ByHost)}
		for side, toConsultant := range map[string]bool{"": false, "_consultant": true} {
			all["expiring"+side+name] = mail.Expiring{Delegated: d, Visits: 4, ToConsultant: toConsultant}
			all["confirmed"+side+name] = mail.Confirmed{Delegated: d, By: "Karin Schouten", ToConsultant: toConsultant}
			all["extended"+side+name] = mail.Extended{Delegated: d, By: "Karin Schouten", Before: &before, ToConsultant: toConsultant}
			all["amended"+side+name] = mail.Amended{Delegated: d, By: "Karin Schouten", Before: &before, RolesBefore: []string{"Member"}, Applications: []string{"Planning"},
				Widened: name == "", ToConsultant: toConsultant}
			all["revoked"+side+name] = mail.Revoked{Delegated: d, By: "Karin Schouten", At: at(0), ToConsultant: toConsultant}
			all["given_back"+side+name] = mail.Revoked{Delegated: d, By: d.Person, At: at(0), ToConsultant: toConsultant, GivenBack: true}
			all["expired"+side+name] = mail.Expired{Delegated: d, At: at(0), Visits: 4, ToConsultant: toConsultant}
			all["suspended"+side+name] = mail.Suspended{Delegated: d, At: at(0), Why: delegation.Offboard, ToConsultant: toConsultant}
		}
	}
	return all
}

func render(t *testing.T, language string, content mail.Content) Message {
	t.Helper()
	m, err := Render(i18n.For(language, "Europe/Amsterdam"), content, links)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	address   = regexp.MustCompile(`https?://[^\s"<>]+`)
	unworded  = regexp.MustCompile(`\b(mail|common)\.[a-z_]+(\.[a-z_]+)*\b|<no value>|\{\{`)
	tags      = regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`)
	namespace = "http://www.w3.org/1999/xhtml"
)

// linksOf are the addresses in a part, once each.
func linksOf(part string) []string {
	found := address.FindAllString(html.UnescapeString(strings.ReplaceAll(part, namespace, "")), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// words are a part's text on one line.
func words(part string) string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(part, " "))), " ")
}

func TestEveryKindInEveryLanguage(t *testing.T) {
	seen := map[mail.Kind]bool{}
	for name, content := range samples() {
		seen[content.Kind()] = true
		for _, language := range i18n.Languages() {
			t.Run(name+"/"+language, func(t *testing.T) {
				m := render(t, language, content)
				for part, text := range map[string]string{"subject": m.Subject, "text": m.Text, "HTML": words(m.HTML)} {
					if bad := unworded.FindString(strings.ReplaceAll(text, "https://access.example", "")); bad != "" {
						t.Errorf("%s has no words for %q", part, bad)
					}
				}
				if h, x := linksOf(m.HTML), linksOf(m.Text); !slices.Equal(h, x) {
					t.Errorf("links differ: HTML %v, text %v", h, x)
				}
				if lower := strings.ToLower(m.HTML); strings.Contains(lower, "<img") || strings.Contains(lower, "<script") || strings.Contains(lower, "url(") {
					t.Error("the HTML loads something")
				}
				if strings.Contains(m.HTML, "&amp;#") || strings.Contains(m.HTML, "zTemplUnsafe") {
					t.Error("a style is escaped twice or refused")
				}
				for _, link := range linksOf(m.HTML) {
					if !strings.HasPrefix(link, "https://access.example/") {
						t.Errorf("a link leads elsewhere: %s", link)
					}
				}
				for line := range strings.SplitSeq(m.Text, "\n") {
					if len([]rune(line)) > width && !strings.HasPrefix(line, "https://") {
						t.Errorf("a line of text is too long: %q", line)
					}
				}
			})
		}
	}
	for _, kind := range []mail.Kind{mail.CodeKind, mail.InvitationKind, mail.MemberInvitationKind, mail.GrantedKind, mail.AnsweredKind,
		mail.EnteredKind, mail.LeftKind, mail.ExtendedKind, mail.RevokedKind, mail.ExpiredKind, mail.SuspendedKind,
		mail.ExpiringKind, mail.QuestionKind, mail.ConfirmedKind, mail.MoreAskedKind, mail.MoreRefusedKind} {
		if !seen[kind] {
			t.Errorf("no sample of %s", kind)
		}
	}
}

// says checks that both parts hold each fact.
func says(t *testing.T, m Message, facts ...string) {
	t.Helper()
	text, page := words(m.Text), words(m.HTML)
	for _, fact := range facts {
		if !strings.Contains(text, fact) {
			t.Errorf("the text lacks %q:\n%s", fact, m.Text)
		}
		if !strings.Contains(page, fact) {
			t.Errorf("the HTML lacks %q", fact)
		}
	}
}

func TestIsThisNormal(t *testing.T) {
	common := map[string][]string{
		"en": {"Sanne Kuipers", "sanne@kade.example", "Kade Consultants, kade.example (verified)", "Karin Schouten", "Monthly closing, ZB-2087",
			"Tue 1 Dec 2026, 13:00", "Member and Report reader", "You get this because", "Europe/Amsterdam"},
		"nl": {"Sanne Kuipers", "sanne@kade.example", "Kade Consultants, kade.example (geverifieerd)", "Karin Schouten", "Monthly closing, ZB-2087",
			"di 1 dec 2026, 13:00", "Lid en Report reader", "Je krijgt dit bericht omdat", "Europe/Amsterdam"},
	}
	all := samples()
	for _, name := range []string{"granted", "accepted", "declined", "entered", "left", "extended", "revoked", "given_back", "expired", "suspended",
		"expiring", "review_false", "granter_true", "confirmed", "more_asked"} {
		for language, facts := range common {
			t.Run(name+"/"+language, func(t *testing.T) {
				m := render(t, language, all[name])
				says(t, m, facts...)
				if !strings.Contains(m.Subject, "Sanne Kuipers") || !strings.Contains(m.Subject, "Zonneveld Bakkerijen") {
					t.Errorf("the subject lacks who and where: %q", m.Subject)
				}
			})
		}
	}
}

// toSuperusers says of whom a superuser's mail is: of a delegation, of one to a
// firm, or of neither. over says that nothing is left in it to revoke.
func toSuperusers(content mail.Content) (of string, over bool) {
	switch c := content.(type) {
	case mail.Invitation, mail.MoreRefused:
		return "", false // the consultant's
	case mail.Answered:
		return "delegation", !c.Accepted
	case mail.Revoked:
		return the(c.ToConsultant, "delegation"), true
	case mail.Expired:
		return the(c.ToConsultant, "delegation"), true
	case mail.ApprovalAsked:
		return "delegation", !c.Amends
	case mail.ApprovalAnswered:
		return "delegation", !c.Amends && c.Outcome != "approved"
	case mail.Extended:
		return the(c.ToConsultant, "delegation"), false
	case mail.Amended:
		return the(c.ToConsultant, "delegation"), false
	case mail.Expiring:
		return the(c.ToConsultant, "delegation"), false
	case mail.Confirmed:
		return the(c.ToConsultant, "delegation"), false
	case mail.Suspended:
		return the(c.ToConsultant, "delegation"), false
	case mail.FirmGiven:
		return "", false // the firm's
	case mail.FirmExpiring:
		return the(c.ToFirm, "firm"), false
	case mail.FirmExpired:
		return the(c.ToFirm, "firm"), true
	case mail.FirmHeld:
		return the(c.ToFirm, "firm"), false
	case mail.FirmResumed:
		return the(c.ToFirm, "firm"), false
	case mail.FirmOver:
		return the(c.ToFirm, "firm"), true
	case mail.FirmProposed:
		return "firm", !c.Extends
	case mail.FirmAnswered:
		return "firm", !c.Extends && c.Outcome != "approved"
	case mail.FirmGranted, mail.FirmQuestion:
		return "firm", false
	case mail.SecretGiven:
		return the(c.Through == nil, "delegation"), false
	case interface{ About() mail.Delegated }: // also of a kind that nobody thought of here
		return "delegation", false
	}
	return "", false
}

// the is a word, unless the mail is another's.
func the(another bool, word string) string {
	if another {
		return ""
	}
	return word
}

// Each superuser's mail of a delegation leads to the activity, to where it is
// revoked after a question, and to the settings.
func TestEverySuperusersMailLeadsToActivityRevokeAndSettings(t *testing.T) {
	const host = "https://access.example/in/org_bakery"
	counted := map[string]int{}
	for name, content := range samples() {
		of, over := toSuperusers(content)
		if of == "" {
			continue
		}
		counted[of]++
		found := linksOf(render(t, "en", content).Text)
		revoke, settings := host+"/delegations/dlg_1/revoke", host+"/delegations/dlg_1#mails"
		if of == "firm" {
			revoke, settings = host+"/firms/fdl_1/end", host+"/notifications"
		}
		if slices.Contains(found, revoke) == over {
			t.Errorf("%s: revoking is over: %t, and it links to %v", name, over, found)
		}
		if !slices.Contains(found, settings) {
			t.Errorf("%s: no link to the settings: %v", name, found)
		}
		activity := slices.ContainsFunc(found, func(l string) bool { return strings.HasPrefix(l, host+"/activity?") })
		if asked, is := content.(mail.ApprovalAsked); !activity && (!is || asked.Amends) {
			t.Errorf("%s: no link to the activity: %v", name, found)
		}
	}
	if counted["delegation"] < 50 || counted["firm"] < 20 {
		t.Errorf("only %v mails were looked at", counted)
	}
	digest := linksOf(render(t, "en", samples()["digest"]).Text)
	for _, want := range []string{host + "/activity?delegation=dlg_1", host + "/delegations/dlg_1/revoke", host + "/notifications"} {
		if !slices.Contains(digest, want) {
			t.Errorf("the digest links to %v, not to %s", digest, want)
		}
	}
}

func TestWhereADelegationEndedThereIsNothingToRevoke(t *testing.T) {
	left := samples()["left"].(mail.Left)
	for why, gone := range map[delegation.LeaveReason]bool{delegation.SwitchedBack: false, delegation.BySuspension: false, delegation.ByExpiry: true,
		delegation.ByRevocation: true, delegation.ByGivingBack: true} {
		left.Why = string(why)
		if slices.Contains(linksOf(render(t, "en", left).Text), "https://access.example/in/org_bakery/delegations/dlg_1/revoke") == gone {
			t.Errorf("%s: it is over: %t", why, gone)
		}
	}
}

func TestConsultantGoesThroughTheOffer(t *testing.T) {
	for name, content := range samples() {
		if !strings.Contains(name, "consultant") && !strings.HasPrefix(name, "invitation") {
			continue
		}
		m := render(t, "en", content)
		if found := linksOf(m.Text); !slices.Equal(found, []string{"https://access.example/offers/dlg_1"}) {
			t.Errorf("%s: links %v", name, found)
		}
		says(t, m, "Zonneveld Bakkerijen, zonneveld.example (verified)", "Karin Schouten", "sanne@kade.example")
	}
}

func TestEnteredAndLeft(t *testing.T) {
	all := samples()
	m := render(t, "nl", all["entered"])
	if m.Subject != "Sanne Kuipers van Kade Consultants heeft Zonneveld Bakkerijen betreden" {
		t.Errorf("subject %q", m.Subject)
	}
	says(t, m, "di 24 nov 2026, 13:00", "192.0.2.7", "Dit is het eerste bezoek")
	m = render(t, "en", all["left"])
	if m.Subject != "Sanne Kuipers of Kade Consultants left Zonneveld Bakkerijen after 38 minutes" {
		t.Errorf("subject %q", m.Subject)
	}
	says(t, m, "38 minutes", "Went back to their own organization", "2 members invited, 1 application enabled and 3 other actions",
		"The delegation stays valid until Tue 1 Dec 2026, 13:00.")
	if found := linksOf(m.HTML); !slices.Contains(found, "https://access.example/in/org_bakery/activity?visit=vis_1") {
		t.Errorf("no link to the visit: %v", found)
	}
	for _, why := range []delegation.LeaveReason{delegation.ByExpiry, delegation.ByRevocation, delegation.BySuspension, delegation.Closed} {
		left := all["left"].(mail.Left)
		left.Why = string(why)
		if text := words(render(t, "en", left).Text); strings.Contains(text, "stays valid") {
			t.Errorf("%s: the mail says that the delegation stays valid", why)
		}
	}
	left := all["left"].(mail.Left)
	left.Done, left.Entered, left.Why = nil, at(-3*time.Second), "unheard_of"
	m = render(t, "en", left)
	says(t, m, "Nothing was changed", "less than a minute")
	if strings.Contains(m.Text, "unheard_of") {
		t.Error("a raw reason is shown")
	}
}

// Each reason of the domain has words of its own.
func TestReasonsHaveWords(t *testing.T) {
	for _, why := range []delegation.LeaveReason{delegation.SwitchedBack, delegation.SwitchedOn, delegation.SignedOut, delegation.SessionEnded,
		delegation.Idle, delegation.ByExpiry, delegation.ByRevocation, delegation.BySuspension, delegation.Closed} {
		if !i18n.Has("mail.left.because." + string(why)) {
			t.Errorf("no words for leaving: %s", why)
		}
	}
	for _, why := range []string{delegation.Redundant, delegation.Offboard} {
		if !i18n.Has("mail.suspended.because." + why) {
			t.Errorf("no words for a suspension: %s", why)
		}
	}
}

// Edge case 7: from host A straight to host B, neither mail names the other.
func TestLeftForAnotherHostNamesNobody(t *testing.T) {
	left := samples()["left"].(mail.Left)
	left.Why = string(delegation.SwitchedOn)
	for language, words := range map[string]string{"en": "Switched to another organization", "nl": "Gewisseld naar een andere organisatie"} {
		says(t, render(t, language, left), words)
	}
}

func TestCode(t *testing.T) {
	m := render(t, "en", samples()["code"])
	says(t, m, "7K3M-9QXT", "until Tue 24 Nov 2026, 13:10", "Was it not you", "typed at access.example")
	if strings.Contains(m.Subject, "7K3M") {
		t.Error("the subject holds the code, and mail servers log subjects")
	}
	if _, err := Render(i18n.For("en", ""), mail.Code{Request: "cod_1"}, links); err == nil {
		t.Error("a code mail without its code was rendered")
	}
}

func TestNamesCannotBreakOut(t *testing.T) {
	d := given()
	d.Person = "Sanne\r\nBcc: victim@example.com\u2028\u202eKuipers"
	d.Host.Name, d.Firm.Name, d.GivenBy = "Zonneveld\nX: y", "Kade\x00\r\nConsultants", "<b>Karin</b>\n\n-- \nSchouten"
	d.Reason = "closing\n\nRevoked: no"
	for _, content := range []mail.Content{mail.Entered{Delegated: d}, mail.Granted{Delegated: d}, mail.Invitation{Delegated: d},
		mail.Revoked{Delegated: d, By: "Karin\nSchouten"}, mail.Extended{Delegated: d, By: "Karin\r\nSchouten"},
		mail.MemberInvitation{Host: d.Host, InvitedBy: "Karin\r\nTo: x"}} {
		m := render(t, "en", content)
		if strings.ContainsAny(m.Subject, "\r\n\x00\u2028\u202e") {
			t.Errorf("%s: subject %q", content.Kind(), m.Subject)
		}
		if strings.Contains(m.HTML, "<b>") {
			t.Errorf("%s: a name became markup", content.Kind())
		}
		if n := strings.Count(m.Text, "\n-- \n"); n != 1 {
			t.Errorf("%s: %d signatures", content.Kind(), n)
		}
		if strings.Contains(m.Text, "\nRevoked: no") {
			t.Errorf("%s: a reason became a fact", content.Kind())
		}
	}
}

// ofCompanies are the kinds that are no organization's business.
var ofCompanies = []mail.Kind{mail.CertificateKind, mail.BreakGlassEnteredKind, mail.BreakGlassNamedKind, mail.NoBreakGlassKind, mail.SeatKind,
	mail.SetUpLinkKind, mail.SetUpOpenedKind, mail.SetUpBeganKind, mail.SilenceKind, mail.RunHeldKind, mail.WebhookOffKind,
	mail.DirectoryHeldKind, mail.DirectoryKeptKind, mail.DirectoryTokenKind, mail.DirectorySilentKind}

func TestLocaleOfAnAddressWithoutAccount(t *testing.T) {
	invitation := mail.Invitation{Delegated: given()}
	if zone := Locale(mail.Mail{Language: "nl"}, invitation).Location().String(); zone != "Europe/Amsterdam" {
		t.Errorf("zone %s, not the host's", zone)
	}
	if zone := Locale(mail.Mail{TimeZone: "Europe/London"}, invitation).Location().String(); zone != "Europe/London" {
		t.Errorf("zone %s, not the recipient's", zone)
	}
	for name, content := range samples() {
		place := placeOf(content)
		switch ofCompany := slices.Contains(ofCompanies, content.Kind()); {
		case content.Kind() == mail.CodeKind, content.Kind() == mail.NoBreakGlassKind, content.Kind() == mail.TestKind, content.Kind() == mail.PasskeyKind, content.Kind() == mail.PasskeysResetKind, name == "webhook_off_platform": // none says of whom
		case ofCompany && place.Name == "", !ofCompany && place.ID != bakery.ID:
			t.Errorf("%s: no place", name)
		}
	}
}

//! The file that a merchant begins with.

/// What `stockdeck config init` writes.
pub const TEMPLATE: &str = r#"# stockdeck's configuration. Everything here is optional; values shown are the defaults, but for
# those called an example.

[store]
# data_dir = "~/.local/share/stockdeck/main"   # where the store, the archive and the journal lie
# zone = "UTC"                                 # IANA time zone that decides what a day is
# currency = "GBP"                             # where a feed names none
# group = "warehouse"                          # members may attach too (socket 0660)

[console]
# theme = "dark"                               # dark, light, high-contrast, or a file in themes/
# read_only = false                            # start consoles without the keys that change anything

[models]
# retrain = "monthly"                          # train on your own demand anew: weekly, monthly or never
# retrain_on_drift = true                      # and when demand has shifted away from its forecasts

[reorders]
# service = "cost"                             # as much stock as is worth its cost; or 0.95: the chance that
                                               # nothing is short before the next delivery; or "fill 0.97"
# services = { A = 0.98, CZ = 0.9 }            # by class: A, B, C by turnover, X, Y, Z by evenness
# holding_a_year = 0.25                        # what a year of holding costs, as a share of a unit's cost
# lost_share = 1.0                             # what a missed sale costs, as a share of its margin
# budget = "5000.00"                           # an example: what may be proposed to be spent at once; no limit
                                               # where none is set
# storage = { main = 20000 }                   # an example: the most units that a site holds; no limit where
                                               # none is set

[transfers]
# propose = true                               # propose transfers between own sites before more is bought
# days = 2                                     # how long one takes
# per_order = "5.00"                           # what one costs, however many units
# per_unit = "0.05"                            # what each unit costs

# [[supplier]]
# id = "acme"
# closed = ["2026-12-24..2027-01-02"]          # neither takes orders nor delivers

# What shipping costs: zones, and what each site pays for a package to each. Orders that would ship
# dearer, later or not at all from where the shop put them are shown on the Allocation screen. The
# demo has terms of its own.

# [shipping]
# target = "erp"                               # which [[target]] is told from where an order ships
# split_penalty = "1.50"                       # what a second package costs beside its postage
# late_penalty = ["4.00", "1.50", "0.50"]      # a day late, by priority 1, 2, 3; pinned orders are 1
# short_share = 1.0                            # what a unit not shipped costs, as a share of its price
# cheaper_by = "0.50"                          # what moving an order has to save
# promised_days = 3                            # from the order to the door
# ship_complete = false                        # all of an order or nothing
# unit_weight_g = 250
# weights = { "Kitchen & dining" = 600 }       # grams of a unit, by category

# [[shipping.zone]]
# name = "home"
# countries = ["GB"]                           # none: all that no zone before it has
# given_to = ["main"]                          # only orders that the shop gave to these sites; of these, those without a country too
# priority = 2
# promised_days = 3

# [[shipping.method]]                         # what an order's shipping method stands for
# contains = ["express", "next day"]          # words of its name in the shop; the order's own day goes first
# promised_days = 1
# priority = 1

# [[shipping.site]]
# id = "main"
# packages_a_day = 400
# cutoff = "15:00"                             # what is picked later leaves the next day
# rates = { home = { package = "2.90", per_kg = "0.60", days = 1 } }

# What is changed in here holds at once, in an owner that runs too.
[approvals]
# grace = "10m"                                # how long an approval can be taken back
# four_eyes_above = "5000"                     # an example: an order above this needs a second person; nobody
                                               # is needed where none is set. A second is another user
                                               # of this machine; root only where it is named below
# prefix = "PO-"                               # what stands before the number of an order; another one
                                               # than the shop's own purchase orders have

# Who may approve, and how much. Without such a block everybody who reaches the store may; with
# one, those named alone.

# [[approvals.person]]
# user = "ann"                                 # the name on this machine
# may_approve = true
# per_order = "2000"
# per_day = "10000"

# What is to be ordered today, is not quiet and stays within both limits is approved by the program
# itself, under the name "stockdeck (automatic)". Grace and the second signature hold for it, too.
# Without this block nothing is.

# [approvals.automatic]
# per_order = "500"                            # the most that an order with such a line costs
# per_day = "2000"                             # the most that is approved so in a day

# One block a feed. Secrets may come from the environment instead:
# STOCKDECK_FEED_SHOP_KEY and STOCKDECK_FEED_SHOP_SECRET for the feed named "shop".

# [[feed]]
# name = "shop"
# kind = "woocommerce"
# url = "https://shop.example.com"
# key = "ck_..."
# secret = "cs_..."
# site = "main"                                # the site that orders without one belong to
# poll_seconds = 5

# [[feed]]
# name = "drop"
# kind = "files"
# path = "/srv/drop"                           # a file, or a folder to watch
# preset = "orders"                            # online-retail, orders, items, stock, suppliers, receipts
# poll_seconds = 10
# columns = { order_id = "Invoice" }           # our field = their column
# date_order = "dmy"                           # dmy or mdy, where dates such as 03/04/2011 do not tell

# [flags]
# quiet = "22:00-07:00"                        # hours in which only urgent cases are shown
# urgent = 0.8                                 # from this severity on, 0 to 1

# One block a target: where orders to suppliers go. The secret may come from the environment
# instead: STOCKDECK_TARGET_ERP_SECRET for the target named "erp". See docs/TARGETS.md.

# [[target]]
# name = "erp"
# kind = "webhook"                             # a signed POST
# url = "https://erp.example.com/orders"
# secret = "..."
# tries = 30                                   # before somebody has to look at it
# timeout_seconds = 30

# [[target]]
# name = "letters"
# kind = "mail"                                # or csv, json: files in a folder
# path = "/srv/letters"
# to = "orders@supplier.example.com"
# suppliers = ["S01"]                          # none: those that no other target takes

# [[target]]
# name = "web-orders"
# kind = "shop"                                # is told to hold, release and call off orders
# feed = "web"                                 # a woocommerce feed whose key may read and write

# One block a channel on which people are told of cases that cannot wait; without one nobody is.
# `stockdeck notify test` tries them. See docs/NOTIFY.md.

# [[notify]]
# name = "desk"
# kind = "console"                             # the terminals of the consoles that are attached
# bell = true
# desktop = "auto"                             # a notice on the desktop, where the terminal is known to
                                               # show one; osc9 or osc777: always so; off
# least = "high"                               # low, medium or high

# The secret may come from the environment instead: STOCKDECK_NOTIFY_ONCALL_SECRET.

# [[notify]]
# name = "oncall"
# kind = "event"                               # a signed POST with all that is known; chat: with a text
# url = "https://pager.example.com/hook"
# secret = "..."
# tries = 9                                    # for about five minutes
# timeout_seconds = 10
# least_value = "100"                          # cases with less at stake are not told
# again_after = "12h"                          # until then a case is told again only when it got worse
# per_hour = 12                                # messages in the long run; more are put together
# burst = 3                                    # messages that may follow each other at once
# quiet = "22:00-07:00"                        # what comes then is told when they end
# loud = "high"                                # told in quiet hours, too
"#;

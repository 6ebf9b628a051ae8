// Made by `npm run types` from the server's schema.

export interface paths {
    "/api/about": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * About
         * @description Version, licence, and the packages that are used.
         */
        get: operations["about_api_about_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Access
         * @description Addresses of this server, and what each is good for.
         */
        get: operations["access_api_access_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/authority.pem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authority
         * @description The authority that signed this server's own certificate: no secret, and for a phone to be trusted once.
         */
        get: operations["authority_api_access_authority_pem_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/access/qr.svg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Qr
         * @description An address as a QR code, for the camera of a phone.
         */
        get: operations["qr_api_access_qr_svg_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description All bundles, in the order in which they came.
         */
        get: operations["listed_api_bundles_get"];
        put?: never;
        /**
         * Upload
         * @description Take a bundle: the body is its file. It is opened in a child process and proved on its reference windows first.
         */
        post: operations["upload_api_bundles_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Roll Back
         * @description Let the bundle judge again that did before; `of` a bundle: undo what made that one, also where newer ones came of it.
         *
         *     Of a newer one, the sound is taken back that the bundle was made by allowing; anything else is refused then.
         */
        post: operations["roll_back_api_bundles_rollback_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/{bundle_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Delete a bundle that is not active and that judges no source; until the server starts again it can be had back.
         */
        delete: operations["delete_api_bundles__bundle_id__delete"];
        options?: never;
        head?: never;
        /**
         * Change
         * @description Change its sensitivity, as false alarms a day that are acceptable, or what it is called.
         */
        patch: operations["change_api_bundles__bundle_id__patch"];
        trace?: never;
    };
    "/api/bundles/{bundle_id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Activate
         * @description Let a bundle judge from now on; streams that named another one keep it.
         */
        post: operations["activate_api_bundles__bundle_id__activate_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/{bundle_id}/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Export
         * @description Make a form for a small device: a bundle of its own, compared with this one and refused where they agree too little.
         *
         *     It is measured on the sound that the bundle was learned from here, as long as that is kept; else on its reference windows.
         */
        post: operations["export_api_bundles__bundle_id__exports_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/{bundle_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * File
         * @description The file, as it came; it holds windows of sound, so whoever may only read does not get it.
         */
        get: operations["file_api_bundles__bundle_id__file_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/{bundle_id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore
         * @description Have a deleted bundle back, as it was.
         */
        post: operations["restore_api_bundles__bundle_id__restore_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bundles/{bundle_id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify
         * @description Prove a bundle on its reference windows once more.
         */
        post: operations["verify_api_bundles__bundle_id__verify_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * New
         * @description Begin a collection; of a session, with all that it has sent.
         */
        post: operations["new_api_collections_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One
         * @description What is in a collection.
         */
        get: operations["one_api_collections__collection_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Delete a collection with all that is in it; not while something is learned from it.
         */
        delete: operations["delete_api_collections__collection_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection_id}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add
         * @description Add a file: the body is its content. What it is called tells its class where folders do; what it is, is looked at.
         */
        post: operations["add_api_collections__collection_id__files_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/collections/{collection_id}/files/{item_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove
         * @description Take a file out again.
         */
        delete: operations["remove_api_collections__collection_id__files__item_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Config
         * @description What a page has to know of the server.
         */
        get: operations["config_api_config_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State
         * @description Whether there is a simulated machine, how it can be broken, and what is wrong with it now.
         */
        get: operations["state_api_demo_get"];
        put?: never;
        /**
         * Begin
         * @description Run the simulated machine until the server ends; the first time it is learned, which takes seconds.
         */
        post: operations["begin_api_demo_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo/fault": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Break It
         * @description Let a fault sound from now on, in place of another one.
         */
        post: operations["break_it_api_demo_fault_post"];
        /**
         * Mend
         * @description End the fault at once.
         */
        delete: operations["mend_api_demo_fault_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/diagnostics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Diagnostics
         * @description How the server does, to be copied into a report.
         */
        get: operations["diagnostics_api_diagnostics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description Events, newest first.
         */
        get: operations["listed_api_events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export
         * @description All events that fit, as a table or as JSON; newest first.
         */
        get: operations["export_api_events_export_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/ingest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ingest
         * @description Take events that a machine elsewhere has heard; what is known already is left as it is.
         */
        post: operations["ingest_api_events_ingest_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Names
         * @description What people have called faults, the most frequent first.
         */
        get: operations["names_api_events_names_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One
         * @description An event with the picture of its sound, and the named one that sounds most like it.
         */
        get: operations["one_api_events__event_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Delete an event and its sound.
         */
        delete: operations["delete_api_events__event_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}/allow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Allow
         * @description Allow the sound of an event: a new bundle, which judges at once wherever the one did; rolling back undoes it.
         *
         *     It is made of the active bundle; of another one, if the source of the event is judged by that.
         *
         *     Its sound need not be kept: how it was heard is, of the newest thousand events.
         */
        post: operations["allow_api_events__event_id__allow_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}/clip.wav": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Clip
         * @description The sound around an event, where it was kept.
         */
        get: operations["clip_api_events__event_id__clip_wav_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}/label": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Label
         * @description Say what was really heard; the label null takes it back.
         */
        put: operations["label_api_events__event_id__label_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}/normal.wav": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Normal
         * @description Normal sound to compare with: seconds that the bundle keeps of what it was learned from; none where it keeps noise in its place.
         */
        get: operations["normal_api_events__event_id__normal_wav_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/{event_id}/rebaseline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rebaseline
         * @description Learn what was heard since a change as normal: a new bundle, which judges at once wherever the one did.
         *
         *     Rolling back undoes it.
         */
        post: operations["rebaseline_api_events__event_id__rebaseline_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/everything": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Erase Everything
         * @description Delete all events, their sound, sound to learn from, and what is remembered of the past hour.
         *
         *     Jobs end, and whatever else is being learned comes to nothing. Settings, keys and sources stay; with all bundles the simulated machine
         *     ends, which can be begun again.
         */
        delete: operations["erase_everything_api_everything_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/export-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export All
         * @description Everything that is kept, as a ZIP file: events, sound of events, what bundles say of themselves, settings.
         */
        get: operations["export_all_api_export_all_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/families": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Families
         * @description What can be trained on this server. Learning in seconds needs none of it.
         */
        get: operations["families_api_families_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/going-on": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description Bundles that learn on while they listen, or did.
         */
        get: operations["listed_api_going_on_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/going-on/{bundle_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Switch
         * @description Let a bundle learn on, or no longer; what was collected for its next version is forgotten.
         */
        put: operations["switch_api_going_on__bundle_id__put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/going-on/{bundle_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo
         * @description Let the version judge again that did before this one, and learn no further.
         */
        post: operations["undo_api_going_on__bundle_id__undo_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description How the server is.
         */
        get: operations["health_api_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ratios
         * @description Ratios of the last hour; empty for a stream that nothing is known of.
         */
        get: operations["ratios_api_history_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/history/would": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Would
         * @description How many events there would have been, had the limit been so many times as high.
         */
        get: operations["would_api_history_would_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Inspect
         * @description Judge a recording, and draw it: the body is its file, up to ten minutes of sound.
         */
        post: operations["inspect_api_inspect_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inspect/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Figures
         * @description How well scores tell normal recordings from anomalous ones.
         */
        post: operations["figures_api_inspect_figures_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inspect/layers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Layers
         * @description What the layers of a bundle for inspection make of the window that begins at a time.
         */
        post: operations["layers_api_inspect_layers_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/inspect/scores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Scores
         * @description What several bundles say of the same recording.
         */
        post: operations["scores_api_inspect_scores_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Jobs
         * @description All jobs since the server was started.
         */
        get: operations["jobs_api_jobs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{job_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Job
         * @description How far a job is.
         */
        get: operations["job_api_jobs__job_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Cancel a job, of which nothing is left then; one that has ended is taken off the list.
         */
        delete: operations["delete_api_jobs__job_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description All keys, never themselves.
         */
        get: operations["listed_api_keys_get"];
        put?: never;
        /**
         * Make
         * @description Make a key: hand it on now, nobody can look it up later.
         */
        post: operations["make_api_keys_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke
         * @description Take a key back; whoever is connected with it is hung up on.
         */
        delete: operations["revoke_api_keys__key__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/learn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Learn
         * @description Learn from what a stream in the mode `learn` has sent, half a minute or more. Its sound is kept until then only.
         */
        post: operations["learn_api_learn_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/next-training": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description Sets of sound for the next training.
         */
        get: operations["listed_api_next_training_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/next-training/{bundle_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Collect
         * @description Begin a collection with the set of a bundle, to train with it and with what is added.
         */
        post: operations["collect_api_next_training__bundle_id__post"];
        /**
         * Delete
         * @description Delete the set of a bundle.
         */
        delete: operations["delete_api_next_training__bundle_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open Session
         * @description Hand in a key (JSON or the form of the page); it comes back as a cookie that no script can read.
         */
        post: operations["open_session_api_session_post"];
        /**
         * Close Session
         * @description Take the cookie away.
         */
        delete: operations["close_session_api_session_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Settings
         * @description What counts now.
         */
        get: operations["settings_api_settings_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change
         * @description Change some of it. Whoever has not seen the newest revision is refused, so that nobody undoes what he does not know.
         */
        patch: operations["change_api_settings_patch"];
        trace?: never;
    };
    "/api/settings/notify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add Channel
         * @description Tell somebody else, too; nothing is sent until there is something to tell.
         */
        post: operations["add_channel_api_settings_notify_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/notify/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test Channel
         * @description Send a test message, now, also in quiet hours; whether it arrived.
         */
        post: operations["test_channel_api_settings_notify_test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/notify/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove Channel
         * @description Tell somebody no more; what still waits for him is forgotten.
         */
        delete: operations["remove_channel_api_settings_notify__channel__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/sensitivity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sensitivity
         * @description What each sensitivity would bring, by what the bundles have heard.
         */
        get: operations["sensitivity_api_settings_sensitivity_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Listed
         * @description All sources, and the server's microphones.
         */
        get: operations["listed_api_sources_get"];
        put?: never;
        /**
         * Add
         * @description Add a source and start it: `mic`, `mic:NAME`, `file:PATH`, `rtsp://…`, `http://…`, `machine:fan`.
         */
        post: operations["add_api_sources_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{source_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Stop a source and forget it.
         */
        delete: operations["delete_api_sources__source_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{source_id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start
         * @description Start a source that was stopped, has ended or failed.
         */
        post: operations["start_api_sources__source_id__start_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sources/{source_id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop
         * @description Stop a source; it stays in the list.
         */
        post: operations["stop_api_sources__source_id__stop_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/train": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Train
         * @description Learn or train: a job that goes on when nobody looks; one is worked on at a time.
         */
        post: operations["train_api_train_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/inference": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Inference
         * @description The answer of an older program: top classes, feature maps, spectrogram, waveform, none of them large.
         */
        post: operations["inference_inference_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics
         * @description Counters for Prometheus.
         */
        get: operations["metrics_metrics_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * About
         * @description What this is made of.
         */
        About: {
            /** Licence */
            licence: string;
            /** Packages */
            packages: components["schemas"]["PackageInfo"][];
            /** Version */
            version: string;
        };
        /**
         * Access
         * @description How to get here.
         */
        Access: {
            /**
             * Has Own Certificate
             * @description It was started with --https: what signed it is at /api/access/authority.pem.
             */
            has_own_certificate: boolean;
            /** Needs Key */
            needs_key: boolean;
            /** Ways */
            ways: components["schemas"]["WayInfo"][];
        };
        /**
         * Ack
         * @description Everything before this sample was heard, or is lost; more than `max_unacked_s` after it waits to be sent.
         */
        Ack: {
            /** First Sample */
            first_sample: number;
            /**
             * Type
             * @default ack
             * @constant
             */
            type: "ack";
        };
        /**
         * Added
         * @description What was taken, and what there is now.
         */
        Added: {
            /** Files */
            files: number;
            item: components["schemas"]["ItemInfo"];
            /** Seconds */
            seconds: number;
        };
        /**
         * AllowRequest
         * @description What to do.
         */
        AllowRequest: {
            /**
             * Dry Run
             * @description Say what it would change, and change nothing.
             * @default false
             */
            dry_run: boolean;
        };
        /**
         * AllowResult
         * @description What allowing the sound of an event changes.
         */
        AllowResult: {
            /** After */
            after: number;
            /**
             * Before
             * @description Of the event's sound, against the limit; 1 = at the limit.
             */
            before: number;
            /** @description The new bundle, in use now; null after dry_run. */
            bundle: components["schemas"]["BundleInfo"] | null;
            /**
             * Compared
             * @description Other events that were judged again.
             */
            compared: number;
            /**
             * Is Enough
             * @description The event would raise no alarm any more.
             */
            is_enough: boolean;
            /**
             * Missed
             * @description Of these, those that were labelled anomaly.
             */
            missed: string[];
            /**
             * Vanishing
             * @description Events that would not have been told.
             */
            vanishing: string[];
        };
        /**
         * AudioData
         * @description Sound as an older program sends it: base64 of float32 or int16 samples, whichever they are.
         */
        AudioData: {
            /** Data */
            data: string;
            /**
             * Dtype
             * @default null
             */
            dtype: ("float32" | "int16") | null;
            /**
             * Sample Rate
             * @default 44100
             */
            sample_rate: number;
            /**
             * Type
             * @constant
             */
            type: "audio_data";
        };
        /**
         * AudioTold
         * @description What the binary messages that follow hold.
         */
        AudioTold: {
            /** Sample Rate */
            sample_rate: number;
            /** Stream */
            stream: string;
            /**
             * Type
             * @default audio
             * @constant
             */
            type: "audio";
        };
        /**
         * BundleChange
         * @description What may be changed about a bundle.
         */
        BundleChange: {
            /**
             * Budget Per Day
             * @example 1
             */
            budget_per_day?: number | null;
            /**
             * Name
             * @example Fan A
             */
            name?: string | null;
        };
        /**
         * BundleInfo
         * @description A bundle.
         */
        BundleInfo: {
            /** Active */
            active: boolean;
            /** Alarm Labels */
            alarm_labels: string[];
            /** Bands Hz */
            bands_hz: [
                number,
                number,
                number
            ][];
            /** Budget Per Day */
            budget_per_day: number | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Embedder */
            embedder: string;
            /** Family */
            family: string;
            /** @description Null for one that is as it was learned. */
            form: components["schemas"]["FormInfo"] | null;
            /** Hop S */
            hop_s: number;
            /** Id */
            id: string;
            /** Labels */
            labels: string[];
            /** Learned S */
            learned_s: number;
            /** Limits */
            limits: components["schemas"]["Limit"][];
            /** Metrics */
            metrics: {
                [key: string]: unknown;
            } | null;
            /** Name */
            name: string;
            /** Promised Per Day */
            promised_per_day: number | null;
            /** Recordings */
            recordings: number;
            /** Sample Rate Hz */
            sample_rate_hz: number;
            /** Size Bytes */
            size_bytes: number;
            /** Supported Per Day */
            supported_per_day: number | null;
            /**
             * Trust
             * @enum {string}
             */
            trust: "provisional" | "preliminary" | "calibrated";
            /** Window S */
            window_s: number;
        };
        /**
         * BundleList
         * @description All bundles.
         */
        BundleList: {
            /** Active */
            active: string | null;
            /** Bundles */
            bundles: components["schemas"]["BundleInfo"][];
            /**
             * Previous
             * @description Active before; what a rollback leads to.
             */
            previous: string | null;
        };
        /**
         * BundleName
         * @description What judges.
         */
        BundleName: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * BundleRef
         * @description Which bundle judged.
         */
        BundleRef: {
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /**
         * BundleSensitivity
         * @description How sensitive a bundle is, and could be.
         */
        BundleSensitivity: {
            /** Active */
            active: boolean;
            /** Budget Per Day */
            budget_per_day: number;
            /** Bundle */
            bundle: string;
            /** Heard S */
            heard_s: number;
            /** Name */
            name: string;
            /** Steps */
            steps: components["schemas"]["StepInfo"][];
            /**
             * Trust
             * @enum {string}
             */
            trust: "provisional" | "preliminary" | "calibrated";
        };
        /**
         * ChannelInfo
         * @description Somebody who is told of events; nothing of it is secret.
         */
        ChannelInfo: {
            /**
             * Always
             * @description In quiet hours, too.
             */
            always: boolean;
            /**
             * Error
             * @description Why it can't be used; empty if it can.
             */
            error: string;
            /** Fixed By */
            fixed_by: ("flag" | "variable") | null;
            /** Id */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "print" | "webhook" | "mqtt" | "apprise";
            /** Shown */
            shown: string;
        };
        /**
         * CheckInfo
         * @description What was checked: see the page on learning.
         */
        CheckInfo: {
            /**
             * Name
             * @enum {string}
             */
            name: "length" | "signal" | "clipping" | "variety" | "kind";
            /**
             * Outcome
             * @enum {string}
             */
            outcome: "good" | "watch" | "bad";
            /** Value */
            value: number | null;
            /**
             * What
             * @description `steady`, `cyclic` or `changing`, where it matters.
             */
            what: string;
        };
        /**
         * ClassChoice
         * @description What is done with what was brought as a class.
         */
        ClassChoice: {
            /**
             * Label
             * @description As the collection has it.
             */
            label: string;
            /**
             * Name
             * @description What to call it; empty: as it is.
             * @default
             */
            name: string;
            /**
             * Use
             * @description `normal`: it is learned as such; `out`: it is left out.
             * @enum {string}
             */
            use: "normal" | "other" | "out";
        };
        /**
         * ClassInfo
         * @description A class, and how probably it is what is heard.
         */
        ClassInfo: {
            /** Is Alarm */
            is_alarm: boolean;
            /** Name */
            name: string;
            /** Probability */
            probability: number;
        };
        /**
         * ClassShare
         * @description What there is of a class.
         */
        ClassShare: {
            /**
             * Label
             * @description Empty where nothing was said.
             */
            label: string;
            /** Recordings */
            recordings: number;
            /** Seconds */
            seconds: number;
            /**
             * Use
             * @description What it is taken for where nobody says.
             * @enum {string}
             */
            use: "normal" | "other";
        };
        /**
         * ClipInfo
         * @description What was found of a whole recording.
         */
        ClipInfo: {
            /** Dropped Tail S */
            dropped_tail_s: number;
            /** Duration S */
            duration_s: number;
            /** Explanation */
            explanation: {
                [key: string]: unknown;
            } | null;
            /** Is Known */
            is_known: boolean | null;
            /** Label */
            label: string;
            /**
             * Largest Ratio
             * @description Of all rules: over 1 for every anomaly.
             */
            largest_ratio: number;
            /** Limit */
            limit: number | null;
            /** Probability */
            probability: number | null;
            /**
             * Ratio
             * @description Score of all of it to its limit.
             */
            ratio: number;
            /** Rule */
            rule: string;
            /** Score */
            score: number;
            /**
             * State
             * @enum {string}
             */
            state: "normal" | "anomaly" | "no_signal" | "unreliable";
        };
        /**
         * CollectionInfo
         * @description What was brought, and what is said of it.
         */
        CollectionInfo: {
            /** Checks */
            checks: components["schemas"]["CheckInfo"][];
            /** Classes */
            classes: components["schemas"]["ClassShare"][];
            /** Files */
            files: number;
            /** Id */
            id: string;
            /**
             * Items
             * @description The last two hundred.
             */
            items: components["schemas"]["ItemInfo"][];
            /** Max File Bytes */
            max_file_bytes: number;
            /** Max Files */
            max_files: number;
            /** Seconds */
            seconds: number;
            /** Size Bytes */
            size_bytes: number;
        };
        /**
         * CompareRequest
         * @description Scores that one bundle gave.
         */
        CompareRequest: {
            /** Anomaly */
            anomaly: number[];
            /** Normal */
            normal: number[];
        };
        /**
         * Config
         * @description What a page has to know of the server.
         */
        Config: {
            /** Auth Required */
            auth_required: boolean;
            /** Demo */
            demo: boolean;
            /** Languages */
            languages: string[];
            /** Legacy Ws */
            legacy_ws: boolean;
            /** Limits */
            limits: {
                [key: string]: number;
            };
            /**
             * Removing Speech
             * @description Speech is silenced in the sound that is kept.
             */
            removing_speech: boolean;
            /**
             * Scope
             * @description What whoever asks may do.
             * @enum {string}
             */
            scope: "read" | "listen" | "admin";
            /** Storing Clips */
            storing_clips: boolean;
            /** Version */
            version: string;
        };
        /**
         * Deleted
         * @description Something is gone.
         */
        Deleted: {
            /** Deleted */
            deleted: string;
        };
        /**
         * DemoInfo
         * @description The simulated machine.
         */
        DemoInfo: {
            /** Available */
            available: boolean;
            /** Current */
            current: string | null;
            /** Ends In S */
            ends_in_s: number | null;
            /** Faults */
            faults: components["schemas"]["FaultInfo"][];
        };
        /**
         * DetectionResult
         * @description The answer that an older program expects.
         */
        DetectionResult: {
            /** Confidence */
            confidence: number;
            /** Message */
            message: string;
            /**
             * Prediction
             * @enum {integer}
             */
            prediction: 0 | 1;
            /**
             * Status
             * @enum {string}
             */
            status: "OK" | "NG";
            /**
             * Type
             * @default detection_result
             * @constant
             */
            type: "detection_result";
        };
        /**
         * Diagnostics
         * @description What a report of a fault needs; no name, no address, no key, no sound.
         */
        Diagnostics: {
            /** Bundle Family */
            bundle_family: string | null;
            /** Bundles */
            bundles: number;
            /** Channels */
            channels: {
                [key: string]: number;
            };
            /** Clips On */
            clips_on: boolean;
            disk: components["schemas"]["DiskInfo"];
            /** Events */
            events: number;
            /**
             * Everyday Names By
             * @description The network that says what events are like; null where none was fetched.
             */
            everyday_names_by: string | null;
            /**
             * Loop Lag S
             * @description Worst delay of the event loop within a minute.
             */
            loop_lag_s: number;
            /** Machine */
            machine: string;
            /** Needs Key */
            needs_key: boolean;
            /** Packages */
            packages: {
                [key: string]: string;
            };
            /** Queue Delay S */
            queue_delay_s: number;
            /** Reasons */
            reasons: string[];
            /** Source States */
            source_states: {
                [key: string]: number;
            };
            /** Streams */
            streams: number;
            /** Uptime S */
            uptime_s: number;
            /** Version */
            version: string;
            /** Windows Dropped */
            windows_dropped: {
                [key: string]: number;
            };
            /** Windows Scored */
            windows_scored: number;
        };
        /**
         * DiskInfo
         * @description Bytes that are taken, and that are left.
         */
        DiskInfo: {
            /** Bundles */
            bundles: number;
            /** Clips */
            clips: number;
            /** Events */
            events: number;
            /** Free */
            free: number;
            /**
             * Older
             * @description Copies of the store from before an update, and damaged ones.
             */
            older: number;
        };
        /**
         * Erased
         * @description What is gone.
         */
        Erased: {
            /** Bundles */
            bundles: number;
            /** Events */
            events: number;
        };
        /**
         * Erasure
         * @description What is to be gone, and that it is meant.
         */
        Erasure: {
            /**
             * Bundles
             * @description All bundles, too, the active one included.
             * @default false
             */
            bundles: boolean;
            /**
             * Confirm
             * @description These very words.
             * @constant
             */
            confirm: "erase everything";
        };
        /**
         * Error
         * @description Why the socket is about to be closed.
         */
        Error: {
            /**
             * Code
             * @enum {string}
             */
            code: "bad_header" | "bad_version" | "bad_hello" | "bad_samples" | "rate_mismatch" | "too_large" | "too_many" | "unauthorised" | "forbidden";
            /** Detail */
            detail: string;
            /**
             * Type
             * @default error
             * @constant
             */
            type: "error";
        };
        /**
         * EventDetail
         * @description An event with the picture of its sound: levels of bands, and where they are unusual.
         */
        EventDetail: {
            /**
             * Begun At
             * Format: date-time
             */
            begun_at: string;
            /** Bundle */
            bundle: string;
            /** Bundle Id */
            bundle_id: string;
            /** End S */
            end_s: number;
            /** Ended At */
            ended_at: string | null;
            /** Evidence */
            evidence: {
                [key: string]: unknown;
            } | null;
            /** Explanation */
            explanation: {
                [key: string]: unknown;
            } | null;
            /** Has Clip */
            has_clip: boolean;
            /** Has Evidence */
            has_evidence: boolean;
            /**
             * Has Heard
             * @description How it was heard is kept; it can be allowed without sound.
             */
            has_heard: boolean;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /** Label */
            label: ("normal" | "anomaly" | "unsure") | null;
            /** Labelled At */
            labelled_at: string | null;
            /** Limit */
            limit: number | null;
            /**
             * Name
             * @description What a person called a fault; empty: nothing.
             */
            name: string;
            normal: components["schemas"]["NormalInfo"] | null;
            /** Note */
            note: string;
            /** Peak Ratio */
            peak_ratio: number;
            /** Peak S */
            peak_s: number;
            /** Rule */
            rule: string;
            silenced: components["schemas"]["SilencedInfo"] | null;
            sounds_like: components["schemas"]["LikeInfo"] | null;
            /** Start S */
            start_s: number;
            /**
             * Status
             * @enum {string}
             */
            status: "begun" | "ended";
            /** Stream */
            stream: string;
            /** Stream Name */
            stream_name: string;
            /** Suppressed */
            suppressed: number;
            /** Windows */
            windows: number;
        };
        /**
         * EventInfo
         * @description An event, without the picture of its sound.
         */
        EventInfo: {
            /**
             * Begun At
             * Format: date-time
             */
            begun_at: string;
            /** Bundle */
            bundle: string;
            /** Bundle Id */
            bundle_id: string;
            /** End S */
            end_s: number;
            /** Ended At */
            ended_at: string | null;
            /** Explanation */
            explanation: {
                [key: string]: unknown;
            } | null;
            /** Has Clip */
            has_clip: boolean;
            /** Has Evidence */
            has_evidence: boolean;
            /**
             * Has Heard
             * @description How it was heard is kept; it can be allowed without sound.
             */
            has_heard: boolean;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /** Label */
            label: ("normal" | "anomaly" | "unsure") | null;
            /** Labelled At */
            labelled_at: string | null;
            /** Limit */
            limit: number | null;
            /**
             * Name
             * @description What a person called a fault; empty: nothing.
             */
            name: string;
            /** Note */
            note: string;
            /** Peak Ratio */
            peak_ratio: number;
            /** Peak S */
            peak_s: number;
            /** Rule */
            rule: string;
            silenced: components["schemas"]["SilencedInfo"] | null;
            /** Start S */
            start_s: number;
            /**
             * Status
             * @enum {string}
             */
            status: "begun" | "ended";
            /** Stream */
            stream: string;
            /** Stream Name */
            stream_name: string;
            /** Suppressed */
            suppressed: number;
            /** Windows */
            windows: number;
        };
        /**
         * EventList
         * @description Events, newest first.
         */
        EventList: {
            /** Events */
            events: components["schemas"]["EventInfo"][];
            /**
             * Next
             * @description Hand it in as `before` to go on; null at the end.
             */
            next: string | null;
            /** Total */
            total: number;
        };
        /**
         * EventTold
         * @description An event, after it was stored.
         */
        EventTold: {
            event: components["schemas"]["EventInfo"];
            /**
             * Phase
             * @enum {string}
             */
            phase: "open" | "update" | "close";
            /** Stream */
            stream: string;
            /**
             * Type
             * @default event
             * @constant
             */
            type: "event";
        };
        /**
         * ExportRequest
         * @description What to make of a bundle.
         */
        ExportRequest: {
            /**
             * Form
             * @description `int8`: ONNX in eight bits; `tflite`: for LiteRT; `tflite-int8`: both.
             * @enum {string}
             */
            form: "int8" | "tflite" | "tflite-int8";
        };
        /**
         * FamilyInfo
         * @description A family, and what may be chosen by section of a recipe.
         */
        FamilyInfo: {
            /**
             * Learns From
             * @enum {string}
             */
            learns_from: "classes" | "normal" | "groups";
            /** Name */
            name: string;
            /** Sections */
            sections: {
                [key: string]: components["schemas"]["SettingInfo"][];
            };
            /** Summary */
            summary: string;
        };
        /**
         * FamilyList
         * @description Every family that can be trained here.
         */
        FamilyList: {
            /** Families */
            families: components["schemas"]["FamilyInfo"][];
            /**
             * Missing Extra
             * @description What has to be installed before any can: pip install 'auscult[…]'.
             */
            missing_extra: string | null;
        };
        /**
         * FaultInfo
         * @description A way in which the simulated machine can be broken.
         */
        FaultInfo: {
            /** Name */
            name: string;
            /** Snr Db */
            snr_db: number | null;
        };
        /**
         * FaultRequest
         * @description Break the simulated machine.
         */
        FaultRequest: {
            /**
             * Fault
             * @example knock
             */
            fault: string;
            /**
             * Seconds
             * @default 15
             */
            seconds: number;
        };
        /**
         * Figures
         * @description How well scores tell the two apart.
         */
        Figures: {
            /** Auc */
            auc: number;
            /** Auc High */
            auc_high: number;
            /** Auc Low */
            auc_low: number;
            /** Pauc */
            pauc: number;
            /**
             * Roc
             * @description False and true positive rate.
             */
            roc: [
                number,
                number
            ][];
        };
        /**
         * FormInfo
         * @description How a bundle was made small, and how far it agrees with the one that it was made of.
         */
        FormInfo: {
            /** Auc */
            auc: number | null;
            /** Auc Before */
            auc_before: number | null;
            /**
             * Correlation
             * @description Of the logarithms of their scores.
             */
            correlation: number;
            /**
             * Kind
             * @example onnx-int8-static
             */
            kind: string;
            /**
             * Windows
             * @description Windows of sound that both have scored.
             */
            windows: number;
        };
        /**
         * Forwarded
         * @description Events of one machine, in the order in which they happened.
         */
        Forwarded: {
            /**
             * Device
             * @example press-3
             */
            device: string;
            /** Events */
            events: components["schemas"]["ForwardedEvent"][];
        };
        /**
         * ForwardedEvent
         * @description An event that was heard elsewhere: as it began, or as it was when it had ended.
         */
        ForwardedEvent: {
            /**
             * Begun At
             * Format: date-time
             */
            begun_at: string;
            /**
             * Bundle
             * @default
             */
            bundle: string;
            /**
             * Bundle Id
             * @default
             */
            bundle_id: string;
            /** End S */
            end_s: number;
            /** Ended At */
            ended_at?: string | null;
            explanation?: components["schemas"]["ForwardedExplanation"] | null;
            /**
             * Id
             * @example 01HZX3K7M5Q8V2R4T6W9Y0B1CD
             */
            id: string;
            /**
             * Kind
             * @example anomaly
             */
            kind: string;
            /** Limit */
            limit?: number | null;
            /** Peak Ratio */
            peak_ratio: number;
            /** Peak S */
            peak_s: number;
            /**
             * Rule
             * @default
             */
            rule: string;
            /** Start S */
            start_s: number;
            /**
             * Status
             * @enum {string}
             */
            status: "begun" | "ended";
            /**
             * Stream
             * @example mic
             */
            stream: string;
            /** Stream Name */
            stream_name: string;
            /**
             * Suppressed
             * @default 0
             */
            suppressed: number;
            /**
             * Windows
             * @default 0
             */
            windows: number;
        };
        /**
         * ForwardedExplanation
         * @description Where in time and frequency an event differs from normal, and how: as `auscult.runtime.verdict.Explanation`.
         */
        ForwardedExplanation: {
            /** Change Db */
            change_db?: number | null;
            /** End S */
            end_s: number;
            /** High Hz */
            high_hz: number;
            /**
             * Kinds
             * @default []
             */
            kinds: string[];
            /** Level Change Db */
            level_change_db?: number | null;
            /** Low Hz */
            low_hz: number;
            nearest?: components["schemas"]["ForwardedNearest"] | null;
            /** Start S */
            start_s: number;
            /** Text */
            text: string;
        };
        /**
         * ForwardedNearest
         * @description The stretch of learned sound that is most like it.
         */
        ForwardedNearest: {
            /** Distance */
            distance: number;
            /** End S */
            end_s: number;
            /** Recording */
            recording: string;
            /** Start S */
            start_s: number;
        };
        /**
         * GoingOnChange
         * @description What is wanted.
         */
        GoingOnChange: {
            /** Is On */
            is_on: boolean;
        };
        /**
         * GoingOnInfo
         * @description How it stands with a bundle that learns on, or did.
         */
        GoingOnInfo: {
            /**
             * Bundle
             * @description Id of the one that judges now.
             */
            bundle: string;
            /**
             * Doing
             * @description `holding`: it sounds stranger and stranger, so nothing is learned of it for now.
             * @enum {string}
             */
            doing: "listening" | "holding" | "complete" | "off";
            /**
             * Due S
             * @description So much more until the next version.
             */
            due_s: number | null;
            /**
             * First
             * @description Id of the one that was learned from recordings.
             */
            first: string;
            /**
             * Heard S
             * @description Calm sound in all.
             */
            heard_s: number;
            /**
             * Promised Per Day
             * @description False alarms a day at most, at 95 %; null: too early to say.
             */
            promised_per_day: number | null;
            /**
             * Trouble
             * @description Why nothing came of the last try; empty if nothing is wrong.
             */
            trouble: string;
            /** Versions */
            versions: components["schemas"]["VersionInfo"][];
        };
        /**
         * GoingOnList
         * @description All of them.
         */
        GoingOnList: {
            /** Bundles */
            bundles: components["schemas"]["GoingOnInfo"][];
        };
        /**
         * Health
         * @description How the server is.
         */
        Health: {
            bundle: components["schemas"]["BundleInfo"] | null;
            queue: components["schemas"]["QueueHealth"];
            /**
             * Reasons
             * @default []
             * @example [
             *       "overloaded",
             *       "slow_loop"
             *     ]
             */
            reasons: string[];
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "degraded" | "no_model";
            store: components["schemas"]["StoreHealth"];
            /** Streams */
            streams: number;
            /** Uptime S */
            uptime_s: number;
            /** Version */
            version: string;
        };
        /**
         * HealthTold
         * @description The state of the signal changed.
         */
        HealthTold: {
            /** Since S */
            since_s: number;
            /** State */
            state: string;
            /** Stream */
            stream: string;
            /**
             * Type
             * @default health
             * @constant
             */
            type: "health";
        };
        /**
         * Hello
         * @description The first message of a stream.
         */
        Hello: {
            /**
             * Bundle
             * @default null
             */
            bundle: string | null;
            /**
             * Channels
             * @default 1
             */
            channels: number;
            /**
             * Codec
             * @default pcm_s16le
             * @constant
             */
            codec: "pcm_s16le";
            /**
             * Key
             * @default null
             */
            key: string | null;
            /**
             * Locale
             * @default null
             */
            locale: string | null;
            /**
             * Mode
             * @default listen
             * @enum {string}
             */
            mode: "listen" | "learn";
            /**
             * Processing
             * @default null
             */
            processing: {
                [key: string]: boolean;
            } | null;
            /** @default null */
            resume: components["schemas"]["Resume"] | null;
            /**
             * Sample Rate
             * @example 48000
             */
            sample_rate: number;
            /**
             * Source
             * @default
             * @example USB Audio
             */
            source: string;
            /**
             * Type
             * @constant
             */
            type: "hello";
            /**
             * V
             * @constant
             */
            v: 1;
        };
        /**
         * HistogramInfo
         * @description How far normal sound that was judged without having been learned came towards the limit.
         */
        HistogramInfo: {
            /**
             * Below
             * @description At or below the limit, which is 1.
             */
            below: number;
            /** Counts */
            counts: number[];
            /**
             * Highest
             * @description Counts are of equal parts from 0 to this; more is in the last.
             */
            highest: number;
            /** N */
            n: number;
        };
        /**
         * HistoryInfo
         * @description Ratios of a stream; null where no window was judged.
         */
        HistoryInfo: {
            /** Hop S */
            hop_s: number | null;
            /** Ratios */
            ratios: (number | null)[];
            /** Start */
            start: string | null;
            /** Stream */
            stream: string;
        };
        /**
         * Inference
         * @description The answer that an older program gives.
         */
        Inference: {
            input_spectrogram: components["schemas"]["Values"];
            /** Predictions */
            predictions: components["schemas"]["Prediction"][];
            /** Visualization */
            visualization: {
                [key: string]: components["schemas"]["Values"];
            };
            waveform: components["schemas"]["WaveformValues"];
        };
        /**
         * InspectionInfo
         * @description A recording looked at from all sides.
         */
        InspectionInfo: {
            anomaly_map: components["schemas"]["PictureInfo"] | null;
            bundle: components["schemas"]["BundleRef"];
            /** Channels */
            channels: number;
            /**
             * Classes
             * @description The most probable first; empty without classes.
             */
            classes: components["schemas"]["ClassInfo"][];
            /** Format */
            format: string;
            /**
             * Layers
             * @description What POST /api/inspect/layers can show.
             */
            layers: string[];
            /** Name */
            name: string;
            /** Notes */
            notes: ("low_rate" | "tail_left_out" | "no_limit")[];
            /** Rate Hz */
            rate_hz: number;
            spectrogram: components["schemas"]["PictureInfo"];
            /**
             * Telling S
             * @description Where the window begins that counted most.
             */
            telling_s: number;
            verdict: components["schemas"]["ClipInfo"];
            waveform: components["schemas"]["WaveformInfo"];
            /** Windows */
            windows: components["schemas"]["WindowInfo"][];
        };
        /**
         * ItemInfo
         * @description A file, or a recording.
         */
        ItemInfo: {
            /** Health */
            health: string | null;
            /** Id */
            id: number;
            /** Is Json */
            is_json: boolean;
            /** Is Recording */
            is_recording: boolean;
            /** Kind */
            kind: string | null;
            /**
             * Label
             * @description Its class; empty where nothing is said, or for JSON, which has several.
             */
            label: string;
            /** Level Db */
            level_db: number | null;
            /**
             * Marks
             * @description Seconds of a recording that had better be struck out.
             */
            marks: {
                [key: string]: "silent" | "clipped" | "odd";
            };
            /** Name */
            name: string;
            /** Notes */
            notes: string[];
            /** Seconds */
            seconds: number;
        };
        /**
         * JobInfo
         * @description A job, as it stands.
         */
        JobInfo: {
            /**
             * Ahead
             * @description Jobs that are done before it.
             */
            ahead: number;
            /** Collection */
            collection: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            /** Epoch */
            epoch: number | null;
            /** Epochs */
            epochs: number | null;
            /** Family */
            family: string;
            /**
             * Form
             * @description For a small device, that a bundle is made in; empty: it is learned.
             */
            form: string;
            /** Id */
            id: string;
            /** Left S */
            left_s: number | null;
            /** Name */
            name: string;
            outcome: components["schemas"]["OutcomeInfo"] | null;
            /**
             * Part
             * @description Of the stage, where it is known.
             */
            part: number | null;
            /**
             * Stage
             * @example hear
             * @example train
             */
            stage: string;
            /** Started At */
            started_at: string | null;
            /**
             * State
             * @enum {string}
             */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
            trouble: components["schemas"]["TroubleInfo"] | null;
        };
        /**
         * JobList
         * @description Jobs since the server was started, the newest first.
         */
        JobList: {
            /** Jobs */
            jobs: components["schemas"]["JobInfo"][];
        };
        /**
         * JobTold
         * @description A job has come, has got further, or has ended; null: it was taken off the list.
         */
        JobTold: {
            /** Id */
            id: string;
            job: components["schemas"]["JobInfo"] | null;
            /**
             * Type
             * @default job
             * @constant
             */
            type: "job";
        };
        /**
         * KeyInfo
         * @description A key, without itself.
         */
        KeyInfo: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * Scope
             * @enum {string}
             */
            scope: "read" | "listen" | "admin";
            /**
             * Used At
             * @description Since the server began; null: not yet.
             */
            used_at: string | null;
        };
        /**
         * KeyList
         * @description All keys.
         */
        KeyList: {
            /**
             * Is Needed
             * @description The server was started with a key, and asks for one.
             */
            is_needed: boolean;
            /** Keys */
            keys: components["schemas"]["KeyInfo"][];
            /**
             * Of Start
             * @description Keys that it was started with: they may do everything.
             */
            of_start: number;
        };
        /**
         * LabelChange
         * @description What was really heard; null takes a label back.
         */
        LabelChange: {
            /**
             * Label
             * @example normal
             */
            label: ("normal" | "anomaly" | "unsure") | null;
            /**
             * Name
             * @description What was real, in your words.
             * @example bearing
             */
            name?: string | null;
            /** Note */
            note?: string | null;
        };
        /**
         * LayerInfo
         * @description What a layer makes of a window.
         */
        LayerInfo: {
            /** Channels */
            channels: components["schemas"]["PictureInfo"][];
            mean: components["schemas"]["PictureInfo"];
            /** Name */
            name: string;
            /**
             * Shape
             * @description Channels, rows and columns, as it gives them.
             */
            shape: [
                number,
                number,
                number
            ];
        };
        /**
         * LayerList
         * @description What all layers make of a window, from the first to the last.
         */
        LayerList: {
            bundle: components["schemas"]["BundleRef"];
            /** End S */
            end_s: number;
            /** Layers */
            layers: components["schemas"]["LayerInfo"][];
            /** Start S */
            start_s: number;
        };
        /**
         * LearnRequest
         * @description Learn from what a stream in the mode `learn` has sent.
         */
        LearnRequest: {
            /**
             * Budget Per Day
             * @example 1
             */
            budget_per_day?: number | null;
            /**
             * Name
             * @example Fan A
             */
            name: string;
            /** Session */
            session: string;
        };
        /**
         * LearnTold
         * @description How much was recorded, and how its last second is.
         */
        LearnTold: {
            /** Seconds */
            seconds: number;
            /**
             * State
             * @enum {string}
             */
            state: "ok" | "silent" | "clipped";
            /** Stream */
            stream: string;
            /**
             * Type
             * @default learn
             * @constant
             */
            type: "learn";
        };
        /**
         * LearnedInfo
         * @description What was learned.
         */
        LearnedInfo: {
            bundle: components["schemas"]["BundleInfo"];
            /** Notes */
            notes: string[];
            /** Seconds Of Sound */
            seconds_of_sound: number;
        };
        /**
         * LikeInfo
         * @description An earlier event that has a name and sounds alike.
         */
        LikeInfo: {
            /**
             * Begun At
             * Format: date-time
             */
            begun_at: string;
            /** Id */
            id: string;
            /**
             * Likeness
             * @description 1: it differs from normal in the same way; 0: in another.
             */
            likeness: number;
            /**
             * Name
             * @example bearing
             */
            name: string;
        };
        /**
         * Limit
         * @description A limit of a bundle: which rule, on which statistic.
         */
        Limit: {
            /** Limit */
            limit: number;
            /** Rule */
            rule: string;
            /** Statistic */
            statistic: string;
        };
        /**
         * MadeKey
         * @description A new key; what opens the server is never shown again.
         */
        MadeKey: {
            key: components["schemas"]["KeyInfo"];
            /** Secret */
            secret: string;
        };
        /**
         * MicrophoneInfo
         * @description A microphone of the server.
         */
        MicrophoneInfo: {
            /** Channels */
            channels: number;
            /** Id */
            id: string;
            /** Is Default */
            is_default: boolean;
            /** Name */
            name: string;
            /** Rate Hz */
            rate_hz: number;
        };
        /**
         * Missed
         * @description The viewer was too slow for so many messages.
         */
        Missed: {
            /** Messages */
            messages: number;
            /**
             * Type
             * @default missed
             * @constant
             */
            type: "missed";
        };
        /**
         * NameList
         * @description What people have called faults, the most frequent first.
         */
        NameList: {
            /** Names */
            names: string[];
        };
        /**
         * NewChannel
         * @description Somebody else who is to be told.
         */
        NewChannel: {
            /**
             * Address
             * @example https://example.org/hook
             * @example mqtt://broker/plant
             * @example apprise:ntfy://pump-room
             */
            address: string;
            /**
             * Always
             * @description In quiet hours, too.
             * @default false
             */
            always: boolean;
            /**
             * Revision
             * @description That `GET /api/settings` gave.
             */
            revision: number;
        };
        /**
         * NewCollection
         * @description Empty, or what a stream in the mode `learn` has sent.
         */
        NewCollection: {
            /** Session */
            session?: string | null;
        };
        /**
         * NewKey
         * @description A key to be made.
         */
        NewKey: {
            /**
             * Name
             * @example Phone of Aoi
             */
            name: string;
            /**
             * Scope
             * @default listen
             * @enum {string}
             */
            scope: "read" | "listen" | "admin";
        };
        /**
         * NewSource
         * @description A source to be added.
         */
        NewSource: {
            /**
             * Address
             * @example mic
             * @example rtsp://camera.local/audio
             */
            address: string;
            /** Bundle */
            bundle?: string | null;
            /**
             * Name
             * @default
             * @example Pump room
             */
            name: string;
        };
        /**
         * NextCollection
         * @description A set to be learned from.
         */
        NextCollection: {
            /** Collection */
            collection: string;
            /** Files */
            files: number;
        };
        /**
         * NextSetInfo
         * @description What is kept for one bundle.
         */
        NextSetInfo: {
            /** Bundle */
            bundle: string;
            /** Name */
            name: string;
            /**
             * Normal
             * @description Recordings of what was called normal.
             */
            normal: number;
            /**
             * Real
             * @description Of what was called real.
             */
            real: number;
        };
        /**
         * NextSetList
         * @description Of all bundles.
         */
        NextSetList: {
            /**
             * Keep Days
             * @description So long, as all sound of events.
             */
            keep_days: number;
            /**
             * Keeps Sound
             * @description Sound of events is kept; else nothing can be collected.
             */
            keeps_sound: boolean;
            /** Sets */
            sets: components["schemas"]["NextSetInfo"][];
        };
        /**
         * NormalInfo
         * @description Whose sound the normal sound is that an event can be compared with.
         */
        NormalInfo: {
            /**
             * Bundle
             * @description What the bundle is called whose reference windows it is.
             */
            bundle: string;
            /**
             * Has Sound
             * @description false: somebody may speak in all that it was learned from, and it keeps noise in its place; there is nothing to listen to.
             */
            has_sound: boolean;
            /**
             * Is Judge
             * @description That one judged the event; else it is gone, and this is the active one.
             */
            is_judge: boolean;
            /**
             * References Of
             * @description `earlier`: the bundle has learned a new normal since, of which it has no sound.
             * @enum {string}
             */
            references_of: "normal" | "earlier";
        };
        /**
         * OneStretch
         * @description A stretch of time that comes once.
         */
        OneStretch: {
            /**
             * End
             * Format: date-time
             */
            end: string;
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Start
             * Format: date-time
             */
            start: string;
        };
        /**
         * OutboxInfo
         * @description Messages that wait, and that were given up.
         */
        OutboxInfo: {
            /** Dead */
            dead: number;
            /** Waiting */
            waiting: number;
        };
        /**
         * OutcomeInfo
         * @description What came of it.
         */
        OutcomeInfo: {
            /** @description Null where it was deleted since. */
            bundle: components["schemas"]["BundleInfo"] | null;
            /**
             * Figures
             * @description `auc`, `accuracy`: where there was something to judge it by.
             */
            figures: {
                [key: string]: number;
            };
            histogram: components["schemas"]["HistogramInfo"] | null;
            /**
             * Is Test Held Out
             * @description The figures are on sound that chose the epoch: they flatter.
             */
            is_test_held_out: boolean;
            /** Notes */
            notes: string[];
            /** Seconds Of Sound */
            seconds_of_sound: number;
        };
        /**
         * PackageInfo
         * @description A package that is used.
         */
        PackageInfo: {
            /** Licence */
            licence: string;
            /** Name */
            name: string;
            /** Version */
            version: string;
        };
        /**
         * PatienceChoice
         * @description When an event is told: as `auscult.live.events.Patience`.
         */
        PatienceChoice: {
            /**
             * Cooldown S
             * @description After an event none is told for so long.
             * @default 0
             */
            cooldown_s: number;
            /**
             * Merge S
             * @description Stretches so near each other are one.
             * @default 10
             */
            merge_s: number;
            /**
             * Min On S
             * @description What is shorter is none.
             * @default 0
             */
            min_on_s: number;
        };
        /**
         * PictureInfo
         * @description Numbers laid out in time: a byte each in base64, column after column, the lowest row first.
         */
        PictureInfo: {
            /**
             * Bands Hz
             * @description Centre of each row; empty if rows are no bands.
             */
            bands_hz: number[];
            /** Columns */
            columns: number;
            /**
             * Data
             * @description 0 stands for `low`, 255 for `high`.
             */
            data: string;
            /** High */
            high: number;
            /** Hop S */
            hop_s: number;
            /** Low */
            low: number;
            /** Rows */
            rows: number;
            /** Start S */
            start_s: number;
        };
        /**
         * Prediction
         * @description A class, as an older program names it.
         */
        Prediction: {
            /** Class */
            class: string;
            /** Confidence */
            confidence: number;
        };
        /**
         * ProblemInfo
         * @description An error: what happened, what was expected, what to do.
         */
        ProblemInfo: {
            /** Action */
            action: string;
            /**
             * Code
             * @description The kind of error, in a word that never changes; null where it has none.
             */
            code: ("audio_damaged" | "audio_empty" | "audio_long" | "audio_short" | "audio_silent" | "audio_unreadable" | "json_broken" | "json_empty" | "json_fields" | "json_labels" | "json_rate" | "json_slow" | "collection_gone" | "collection_in_use" | "disk_full" | "disk_failed" | "files_too_many" | "sound_too_much" | "recording_gone" | "erased_meanwhile" | "recording_short" | "all_struck_out" | "no_normal_class" | "no_sound" | "data_none" | "data_same" | "data_short" | "job_broke_down" | "job_disk" | "job_ended_outside" | "job_gone" | "job_memory" | "job_slow" | "jobs_waiting" | "bundle_active" | "bundle_broken" | "bundle_embeds" | "bundle_gone" | "bundle_in_use" | "bundle_large" | "bundle_newer" | "bundle_no_allowing" | "bundle_no_layers" | "bundle_no_limits" | "bundle_none" | "bundle_none_active" | "bundle_none_earlier" | "bundle_not_followed" | "bundle_replaced" | "bundle_small_already" | "bundles_full" | "going_on_impossible" | "allow_no_alarm" | "allowed_full" | "event_clip_gone" | "event_gone" | "event_no_drift" | "event_unheard" | "heard_otherwise" | "normal_none" | "channel_inner" | "channel_there" | "channel_wrong" | "channels_full" | "key_there" | "keys_full" | "setting_fixed" | "settings_changed" | "source_gone" | "demo_not_running" | "webhook_secret" | "busy" | "foreign_page" | "key_missing" | "key_unknown" | "keys_tried" | "not_found" | "part_missing" | "request_invalid" | "request_large" | "request_slow" | "scope_missing" | "server_failed") | null;
            /** Detail */
            detail: string;
            /** Expected */
            expected: string;
            /** Id */
            id: string;
            /** Status */
            status: number;
            /** Title */
            title: string;
            /** Type */
            type: string;
            /**
             * Values
             * @description Names and numbers in it.
             */
            values: {
                [key: string]: string | number;
            };
        };
        /**
         * QueueHealth
         * @description The scoring queue: what waits, what was scored, what was dropped and why.
         */
        QueueHealth: {
            /** Dropped */
            dropped: {
                [key: string]: number;
            };
            /** Scored */
            scored: number;
            /** Waiting */
            waiting: number;
        };
        /**
         * Rebaselined
         * @description What came of a new normal.
         */
        Rebaselined: {
            /** @description The new bundle, in use now. */
            bundle: components["schemas"]["BundleInfo"];
            /**
             * Seconds
             * @description Sound that it was learned from.
             */
            seconds: number;
        };
        /**
         * Result
         * @description What was found of a window.
         */
        Result: {
            /** Bands */
            bands: number[];
            /** End S */
            end_s: number;
            /** First Sample */
            first_sample: number;
            /** Holding */
            holding: boolean;
            /** Infer Ms */
            infer_ms: number | null;
            /** Is Known */
            is_known: boolean | null;
            /** Label */
            label: string;
            /** Level Db */
            level_db: number | null;
            /** Limit */
            limit: number | null;
            /** Probability */
            probability: number | null;
            /** Ratio */
            ratio: number;
            /** Rule */
            rule: string;
            /** Score */
            score: number;
            /** Seq */
            seq: number | null;
            /** Start S */
            start_s: number;
            /**
             * State
             * @enum {string}
             */
            state: "normal" | "anomaly" | "no_signal" | "unreliable";
            /** Stream */
            stream: string;
            /**
             * Type
             * @default result
             * @constant
             */
            type: "result";
        };
        /**
         * Resume
         * @description Go on with a session after the connection was lost.
         */
        Resume: {
            /** Next Sample */
            next_sample: number;
            /** Session */
            session: string;
        };
        /**
         * ScoreList
         * @description What several bundles say of the same recording.
         */
        ScoreList: {
            /** Duration S */
            duration_s: number;
            /** Name */
            name: string;
            /** Scores */
            scores: components["schemas"]["ScoredBy"][];
        };
        /**
         * ScoredBy
         * @description What one bundle says of a recording.
         */
        ScoredBy: {
            /** Bundle */
            bundle: string;
            /** Label */
            label: string;
            /** Probability */
            probability: number | null;
            /**
             * Ratio
             * @description The largest of all rules.
             */
            ratio: number;
            /** Score */
            score: number;
            /**
             * State
             * @enum {string}
             */
            state: "normal" | "anomaly" | "no_signal" | "unreliable";
        };
        /**
         * Sensitivities
         * @description Of every bundle that judges something, and of every source.
         */
        Sensitivities: {
            /** Bundles */
            bundles: components["schemas"]["BundleSensitivity"][];
            /** Sources */
            sources: components["schemas"]["SourceSensitivity"][];
        };
        /**
         * SettingInfo
         * @description One thing to choose.
         */
        SettingInfo: {
            /** Above */
            above: number | null;
            /**
             * Begin
             * @description What a form begins with.
             */
            begin: unknown;
            /** Choices */
            choices: unknown[];
            /**
             * Default
             * @description What it is if nothing is said.
             */
            default: unknown;
            /**
             * Form
             * @enum {string}
             */
            form: "whole" | "number" | "text" | "truth" | "choice" | "wholes" | "numbers" | "texts";
            /** Help */
            help: string;
            /** Least */
            least: number | null;
            /** May Be Empty */
            may_be_empty: boolean;
            /** Most */
            most: number | null;
            /** Name */
            name: string;
        };
        /**
         * SettingsChange
         * @description What is to be different; what is left out stays. Null: as the server was started.
         */
        SettingsChange: {
            /** Clips Days */
            clips_days?: number | null;
            /** Events Days */
            events_days?: number | null;
            /** Keep Speech */
            keep_speech?: boolean | null;
            /** Learns On */
            learns_on?: boolean | null;
            /** Maintenance Once */
            maintenance_once?: components["schemas"]["OneStretch"][] | null;
            /** Maintenance Weekly */
            maintenance_weekly?: components["schemas"]["WeeklyHours"][] | null;
            patience?: components["schemas"]["PatienceChoice"] | null;
            /** Quiet Hours */
            quiet_hours?: components["schemas"]["WeeklyHours"][] | null;
            /**
             * Revision
             * @description That `GET /api/settings` gave.
             */
            revision: number;
            /** Sources */
            sources?: {
                [key: string]: components["schemas"]["SourceChoice"];
            } | null;
            /** Store Clips */
            store_clips?: boolean | null;
            /** Time Zone */
            time_zone?: string | null;
            /** Webhook Secret */
            webhook_secret?: string | null;
        };
        /**
         * SettingsInfo
         * @description What counts now, and what of it can't be changed here.
         */
        SettingsInfo: {
            /** Channels */
            channels: components["schemas"]["ChannelInfo"][];
            /** Clips Days */
            clips_days: number;
            disk: components["schemas"]["DiskInfo"];
            /** Events Days */
            events_days: number | null;
            /**
             * Fixed
             * @description What was set when the server was started, and how.
             */
            fixed: {
                [key: string]: "flag" | "variable";
            };
            /** Has Webhook Secret */
            has_webhook_secret: boolean;
            /** Is Maintenance */
            is_maintenance: boolean;
            /**
             * Is Quiet
             * @description Messages wait now.
             */
            is_quiet: boolean;
            /** Keep Speech */
            keep_speech: boolean;
            /** Learns On */
            learns_on: boolean;
            /** Maintenance Once */
            maintenance_once: components["schemas"]["OneStretch"][];
            /** Maintenance Weekly */
            maintenance_weekly: components["schemas"]["WeeklyHours"][];
            outbox: components["schemas"]["OutboxInfo"];
            patience: components["schemas"]["PatienceChoice"];
            /** Quiet Hours */
            quiet_hours: components["schemas"]["WeeklyHours"][];
            /** Revision */
            revision: number;
            /** Sources */
            sources: {
                [key: string]: components["schemas"]["SourceChoice"];
            };
            /** Store Clips */
            store_clips: boolean;
            /** Time Zone */
            time_zone: string;
        };
        /**
         * SilencedInfo
         * @description Speech that was taken out of the sound of an event before that was kept.
         */
        SilencedInfo: {
            /**
             * Is Kept
             * @description False: nothing of the sound is kept.
             */
            is_kept: boolean;
            /**
             * Judge
             * @example silero
             */
            judge: string;
            /** Stretches */
            stretches: components["schemas"]["StretchInfo"][];
        };
        /**
         * SourceChoice
         * @description What is different for one source; null: as for all.
         */
        SourceChoice: {
            /** Budget Per Day */
            budget_per_day?: number | null;
            /** Learns On */
            learns_on?: boolean | null;
            patience?: components["schemas"]["PatienceChoice"] | null;
        };
        /**
         * SourceInfo
         * @description A source of the server's own.
         */
        SourceInfo: {
            /**
             * Address
             * @description Without user and password.
             */
            address: string;
            /** Bundle */
            bundle: string | null;
            /** Dropped Samples */
            dropped_samples: number;
            /** Error */
            error: string | null;
            /** Heard S */
            heard_s: number;
            /** Id */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /**
             * State
             * @enum {string}
             */
            state: "starting" | "listening" | "reconnecting" | "ended" | "failed" | "stopped";
            /** Stream */
            stream: string;
        };
        /**
         * SourceList
         * @description Sources, and the microphones that could become some.
         */
        SourceList: {
            /** Microphones */
            microphones: components["schemas"]["MicrophoneInfo"][];
            /** Sources */
            sources: components["schemas"]["SourceInfo"][];
        };
        /**
         * SourceSensitivity
         * @description How sensitive one source is; null: as its bundle.
         */
        SourceSensitivity: {
            /** Budget Per Day */
            budget_per_day: number | null;
            /** Bundle */
            bundle: string;
            /** Name */
            name: string;
            /**
             * Past Hour
             * @description Events that each step of its bundle would have told; null if nothing was heard.
             */
            past_hour: number[] | null;
            /** Source */
            source: string;
        };
        /**
         * Status
         * @description Something about the stream.
         */
        Status: {
            /**
             * Code
             * @enum {string}
             */
            code: "overloaded" | "bundle_changed" | "gap" | "going_away" | "no_bundle" | "dropped";
            /**
             * Reason
             * @default null
             */
            reason: string | null;
            /**
             * Samples
             * @default null
             */
            samples: number | null;
            /** Stream */
            stream: string;
            /**
             * Type
             * @default status
             * @constant
             */
            type: "status";
            /**
             * Windows
             * @default null
             */
            windows: number | null;
        };
        /**
         * StepInfo
         * @description A sensitivity that may be chosen, and what follows from it.
         */
        StepInfo: {
            /** Budget Per Day */
            budget_per_day: number;
            /**
             * Hours Missing
             * @description Of normal sound, before it can be promised; null if it can be.
             */
            hours_missing: number | null;
            /**
             * Limit Factor
             * @description Its limit to the one in use; over 1 is less sensitive.
             */
            limit_factor: number;
            /** Promised Per Day */
            promised_per_day: number;
        };
        /**
         * StoreHealth
         * @description The store of events.
         */
        StoreHealth: {
            /** Events */
            events: number;
            /** Ok */
            ok: boolean;
            /**
             * Waiting
             * @description Changes that are kept on this machine until Postgres is back; null: events are in a file.
             */
            waiting: number | null;
        };
        /**
         * StreamName
         * @description A stream that can be watched.
         */
        StreamName: {
            /** Bundle */
            bundle: string | null;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** State */
            state: string;
            /** Stream */
            stream: string;
        };
        /**
         * StretchInfo
         * @description From when to when, in seconds from the beginning.
         */
        StretchInfo: {
            /** End S */
            end_s: number;
            /** Start S */
            start_s: number;
        };
        /**
         * Taken
         * @description All of them are on the disk: so many were new or had changed, so many were known.
         */
        Taken: {
            /** Known */
            known: number;
            /** Stored */
            stored: number;
        };
        /**
         * TestRequest
         * @description Which channel.
         */
        TestRequest: {
            /** Id */
            id: string;
        };
        /**
         * TestResult
         * @description Whether it arrived, or why it did not.
         */
        TestResult: {
            /** Delivered */
            delivered: boolean;
            /** Reason */
            reason: string;
            /** Took S */
            took_s: number;
        };
        /**
         * TrainRequest
         * @description What to learn from, and how.
         */
        TrainRequest: {
            /**
             * Budget Per Day
             * @default 1
             */
            budget_per_day: number;
            /**
             * Classes
             * @default []
             */
            classes: components["schemas"]["ClassChoice"][];
            /** Collection */
            collection: string;
            /**
             * Name
             * @example Fan A
             */
            name: string;
            /**
             * Recipe
             * @description A recipe, with its family and what else is chosen; null: learned in seconds, without a network.
             * @example {
             *       "family": "autoencoder",
             *       "training": {
             *         "epochs": 20
             *       }
             *     }
             */
            recipe?: {
                [key: string]: unknown;
            } | null;
            /**
             * Struck Out
             * @description Seconds of a recording to leave out, from 0.
             * @default []
             */
            struck_out: number[];
        };
        /**
         * TroubleInfo
         * @description Why nothing came of it.
         */
        TroubleInfo: {
            /** Action */
            action: string;
            /**
             * Code
             * @description As in an answer that is an error.
             */
            code: ("audio_damaged" | "audio_empty" | "audio_long" | "audio_short" | "audio_silent" | "audio_unreadable" | "json_broken" | "json_empty" | "json_fields" | "json_labels" | "json_rate" | "json_slow" | "collection_gone" | "collection_in_use" | "disk_full" | "disk_failed" | "files_too_many" | "sound_too_much" | "recording_gone" | "erased_meanwhile" | "recording_short" | "all_struck_out" | "no_normal_class" | "no_sound" | "data_none" | "data_same" | "data_short" | "job_broke_down" | "job_disk" | "job_ended_outside" | "job_gone" | "job_memory" | "job_slow" | "jobs_waiting" | "bundle_active" | "bundle_broken" | "bundle_embeds" | "bundle_gone" | "bundle_in_use" | "bundle_large" | "bundle_newer" | "bundle_no_allowing" | "bundle_no_layers" | "bundle_no_limits" | "bundle_none" | "bundle_none_active" | "bundle_none_earlier" | "bundle_not_followed" | "bundle_replaced" | "bundle_small_already" | "bundles_full" | "going_on_impossible" | "allow_no_alarm" | "allowed_full" | "event_clip_gone" | "event_gone" | "event_no_drift" | "event_unheard" | "heard_otherwise" | "normal_none" | "channel_inner" | "channel_there" | "channel_wrong" | "channels_full" | "key_there" | "keys_full" | "setting_fixed" | "settings_changed" | "source_gone" | "demo_not_running" | "webhook_secret" | "busy" | "foreign_page" | "key_missing" | "key_unknown" | "keys_tried" | "not_found" | "part_missing" | "request_invalid" | "request_large" | "request_slow" | "scope_missing" | "server_failed") | null;
            /** Detail */
            detail: string;
            /** Expected */
            expected: string;
            /** Values */
            values: {
                [key: string]: string | number;
            };
        };
        /**
         * Values
         * @description Numbers and their shape, as an older program gives them.
         */
        Values: {
            /** Shape */
            shape: number[];
            /** Values */
            values: unknown[];
        };
        /**
         * Verified
         * @description A bundle gave the scores that it says.
         */
        Verified: {
            /** Max Difference */
            max_difference: number;
            /** Ok */
            ok: boolean;
            /**
             * References Of
             * @description Whose sound it was proved on: what is normal, or an earlier normal, where the present one was learned without sound.
             * @enum {string}
             */
            references_of: "normal" | "earlier";
        };
        /**
         * VersionInfo
         * @description A version that was made while listening.
         */
        VersionInfo: {
            /** Bundle */
            bundle: string;
            /** Heard S */
            heard_s: number;
            /**
             * Made At
             * Format: date-time
             */
            made_at: string;
        };
        /**
         * Watch
         * @description The first message of a viewer.
         */
        Watch: {
            /**
             * Audio
             * @default false
             */
            audio: boolean;
            /**
             * Key
             * @default null
             */
            key: string | null;
            /**
             * Stream
             * @default *
             */
            stream: string;
            /**
             * Type
             * @constant
             */
            type: "watch";
            /**
             * V
             * @constant
             */
            v: 1;
        };
        /**
         * WatchWelcome
         * @description The answer to a watch.
         */
        WatchWelcome: {
            /** Streams */
            streams: components["schemas"]["StreamName"][];
            /**
             * Type
             * @default welcome
             * @constant
             */
            type: "welcome";
            /**
             * V
             * @default 1
             * @constant
             */
            v: 1;
        };
        /**
         * WaveformInfo
         * @description Lowest and highest sample of each of as many equal parts.
         */
        WaveformInfo: {
            /** High */
            high: number[];
            /** Low */
            low: number[];
        };
        /**
         * WaveformValues
         * @description Some of the samples; rate and duration are those of the file.
         */
        WaveformValues: {
            /** Duration */
            duration: number;
            /** Sample Rate */
            sample_rate: number;
            /** Values */
            values: number[];
        };
        /**
         * WayInfo
         * @description An address of this server.
         */
        WayInfo: {
            /** Address */
            address: string;
            /**
             * Has Microphone
             * @description A browser gives the page its microphone there.
             */
            has_microphone: boolean;
            /**
             * Reach
             * @enum {string}
             */
            reach: "this_machine" | "network" | "proxy";
        };
        /**
         * WeeklyHours
         * @description Hours of some days of the week; an end that is not after the start is on the next day.
         */
        WeeklyHours: {
            /**
             * Days
             * @description 0 is Monday.
             */
            days: number[];
            /**
             * End
             * @example 22:00
             */
            end: string;
            /**
             * Name
             * @default
             */
            name: string;
            /**
             * Start
             * @example 22:00
             */
            start: string;
        };
        /**
         * Welcome
         * @description The answer to a hello. Ratios are relative to the limit, so the limit of what is shown is 1.
         */
        Welcome: {
            /** Bands Hz */
            bands_hz: number[];
            bundle: components["schemas"]["BundleName"] | null;
            /** Hop S */
            hop_s: number | null;
            /**
             * Limit
             * @default 1
             */
            limit: number;
            /** Max Unacked S */
            max_unacked_s: number;
            /** Session */
            session: string;
            /** Stream */
            stream: string;
            /**
             * Type
             * @default welcome
             * @constant
             */
            type: "welcome";
            /**
             * V
             * @default 1
             * @constant
             */
            v: 1;
            /** Window S */
            window_s: number | null;
        };
        /**
         * WindowInfo
         * @description What was found of a window.
         */
        WindowInfo: {
            /** End S */
            end_s: number;
            /** Is Known */
            is_known: boolean | null;
            /** Label */
            label: string;
            /** Level Db */
            level_db: number | null;
            /** Probability */
            probability: number | null;
            /** Ratio */
            ratio: number;
            /** Rule */
            rule: string;
            /** Score */
            score: number;
            /** Start S */
            start_s: number;
            /**
             * State
             * @enum {string}
             */
            state: "normal" | "anomaly" | "no_signal" | "unreliable";
        };
        /**
         * Would
         * @description What another limit would have done.
         */
        Would: {
            /** Events */
            events: number;
            /** Factor */
            factor: number;
            /** Seconds */
            seconds: number;
            /** Stream */
            stream: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    about_api_about_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["About"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    access_api_access_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Access"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    authority_api_access_authority_pem_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-x509-ca-cert": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    qr_api_access_qr_svg_get: {
        parameters: {
            query: {
                address: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/svg+xml": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_bundles_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    upload_api_bundles_post: {
        parameters: {
            query?: {
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    roll_back_api_bundles_rollback_post: {
        parameters: {
            query?: {
                of?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_bundles__bundle_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    change_api_bundles__bundle_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BundleChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    activate_api_bundles__bundle_id__activate_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    export_api_bundles__bundle_id__exports_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    file_api_bundles__bundle_id__file_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    restore_api_bundles__bundle_id__restore_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    verify_api_bundles__bundle_id__verify_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verified"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    new_api_collections_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCollection"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    one_api_collections__collection_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_collections__collection_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    add_api_collections__collection_id__files_post: {
        parameters: {
            query: {
                /** @description Path of the file below what was dropped. */
                name: string;
            };
            header?: never;
            path: {
                collection_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": unknown;
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Added"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    remove_api_collections__collection_id__files__item_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                collection_id: string;
                item_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CollectionInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    config_api_config_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    state_api_demo_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    begin_api_demo_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    break_it_api_demo_fault_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FaultRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    mend_api_demo_fault_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    diagnostics_api_diagnostics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Diagnostics"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_events_get: {
        parameters: {
            query?: {
                limit?: number;
                before?: string | null;
                since?: string | null;
                until?: string | null;
                stream?: string | null;
                label?: ("normal" | "anomaly" | "unsure" | "none") | null;
                kind?: string | null;
                text?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    export_api_events_export_get: {
        parameters: {
            query?: {
                format?: "csv" | "json";
                since?: string | null;
                until?: string | null;
                stream?: string | null;
                label?: ("normal" | "anomaly" | "unsure" | "none") | null;
                kind?: string | null;
                text?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    ingest_api_events_ingest_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Forwarded"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    names_api_events_names_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NameList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    one_api_events__event_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventDetail"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_events__event_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    allow_api_events__event_id__allow_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AllowRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AllowResult"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    clip_api_events__event_id__clip_wav_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    label_api_events__event_id__label_put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    normal_api_events__event_id__normal_wav_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    rebaseline_api_events__event_id__rebaseline_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                event_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Rebaselined"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    erase_everything_api_everything_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Erasure"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erased"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    export_all_api_export_all_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    families_api_families_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FamilyList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_going_on_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoingOnList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    switch_api_going_on__bundle_id__put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoingOnChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoingOnList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    undo_api_going_on__bundle_id__undo_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BundleInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    health_api_health_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    ratios_api_history_get: {
        parameters: {
            query: {
                stream: string;
                seconds?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    would_api_history_would_get: {
        parameters: {
            query: {
                stream: string;
                factor?: number;
                seconds?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Would"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    inspect_api_inspect_post: {
        parameters: {
            query?: {
                /** @description Default: the active one. */
                bundle?: string | null;
                /** @description What the recording is called. */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: base64 */
                    data: string;
                };
                "application/octet-stream": string;
                "multipart/form-data": {
                    /** Format: binary */
                    file?: string;
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InspectionInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    figures_api_inspect_figures_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompareRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    layers_api_inspect_layers_post: {
        parameters: {
            query?: {
                /** @description Default: the active one. */
                bundle?: string | null;
                at_s?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: base64 */
                    data: string;
                };
                "application/octet-stream": string;
                "multipart/form-data": {
                    /** Format: binary */
                    file?: string;
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LayerList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    scores_api_inspect_scores_post: {
        parameters: {
            query: {
                bundle: string[];
                /** @description What the recording is called. */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: base64 */
                    data: string;
                };
                "application/octet-stream": string;
                "multipart/form-data": {
                    /** Format: binary */
                    file?: string;
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScoreList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    jobs_api_jobs_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    job_api_jobs__job_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_jobs__job_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_keys_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    make_api_keys_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeKey"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    revoke_api_keys__key__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    learn_api_learn_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LearnRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LearnedInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_next_training_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextSetList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    collect_api_next_training__bundle_id__post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NextCollection"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_next_training__bundle_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                bundle_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    open_session_api_session_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    key?: string;
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    close_session_api_session_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    settings_api_settings_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    change_api_settings_patch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    add_channel_api_settings_notify_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannel"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    test_channel_api_settings_notify_test_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TestRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TestResult"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    remove_channel_api_settings_notify__channel__delete: {
        parameters: {
            query: {
                revision: number;
            };
            header?: never;
            path: {
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    sensitivity_api_settings_sensitivity_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sensitivities"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    listed_api_sources_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceList"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    add_api_sources_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSource"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    delete_api_sources__source_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    start_api_sources__source_id__start_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    stop_api_sources__source_id__stop_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    train_api_train_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrainRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobInfo"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    inference_inference_post: {
        parameters: {
            query?: {
                /** @description Default: the active one. */
                bundle?: string | null;
                /** @description Every channel of a layer instead of their mean. */
                channels?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: base64 */
                    data: string;
                };
                "application/octet-stream": string;
                "multipart/form-data": {
                    /** Format: binary */
                    file?: string;
                };
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Inference"];
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
    metrics_metrics_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
            /** @description An error: what happened, what was expected, what to do. */
            "5XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProblemInfo"];
                    "application/problem+json": unknown;
                };
            };
        };
    };
}

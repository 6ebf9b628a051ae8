// Made by `npm run types` from the server's schema.

export interface paths {
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
         * @description Let the bundle judge again that did before.
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
         * @description Delete a bundle that is not active and that no source names; until the server starts again it can be had back.
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
    "/api/bundles/{bundle_id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * File
         * @description The file, as it came.
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
        post?: never;
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
    "/api/events/{event_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One
         * @description An event with the picture of its sound.
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
         * @description Allow the sound of an event in the active bundle: a new bundle, active at once; rolling back undoes it.
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
            /** @description The new bundle, active now; null after dry_run. */
            bundle: components["schemas"]["BundleInfo"] | null;
            /**
             * Compared
             * @description Other events with sound that were judged again.
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
         * Error
         * @description Why the socket is about to be closed.
         */
        Error: {
            /**
             * Code
             * @enum {string}
             */
            code: "bad_header" | "bad_version" | "bad_hello" | "bad_samples" | "rate_mismatch" | "too_large" | "too_many" | "unauthorised";
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
            /** Note */
            note: string;
            /** Peak Ratio */
            peak_ratio: number;
            /** Peak S */
            peak_s: number;
            /** Rule */
            rule: string;
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
            /** Note */
            note: string;
            /** Peak Ratio */
            peak_ratio: number;
            /** Peak S */
            peak_s: number;
            /** Rule */
            rule: string;
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
         * LabelChange
         * @description What was really heard; null takes a label back.
         */
        LabelChange: {
            /**
             * Label
             * @example normal
             */
            label: ("normal" | "anomaly" | "unsure") | null;
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
         * StoreHealth
         * @description The store of events.
         */
        StoreHealth: {
            /** Events */
            events: number;
            /** Ok */
            ok: boolean;
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

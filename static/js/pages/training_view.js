/**
 * What the components of trainings are given: see training_control.js, which makes it.
 *
 * @typedef {object} TrainingView
 * @property {any[]} recipes as GET /recipes says; [] until they are read
 * @property {import('../store/trainings.js').Job[]} jobs newest first; those of "all" have `children`
 * @property {import('../store/trainings.js').Classifier[]} classifiers newest first, without report
 * @property {(jobId: string) => import('../store/trainings.js').Curves} curvesOf arrays of equal length,
 *   null where an epoch has no such number
 * @property {(jobId: string) => import('../store/trainings.js').JobEvent[]} eventsOf the log, in order
 * @property {any|null} selected the Classifier that was opened, with its `report`
 * @property {string|null} opening id of a classifier whose report is on its way
 * @property {string|null} inUse id of the classifier that answers; null: the KNN
 * @property {any|null} used the Classifier of `inUse`
 * @property {string|null} changingTo id of the classifier that is on its way into the page
 * @property {boolean} comparing
 * @property {string|null} busy what is being done just now, in words ("Saving the project first")
 * @property {string|null} stale what has changed in the project since the one in use was trained, in words
 * @property {string[]} missing ids of the project's classes that the one in use does not know
 * @property {(classifier: any) => string|null} staleOf the same for any classifier, without its report
 * @property {(classifier: any) => string|null} cannotUse why it cannot answer in this page; null: it can
 * @property {(classifier: any) => string|null} otherEyes title of the eyes that it needs, where they are
 *   not those in use: "use" changes the eyes first; null: it needs no others
 * @property {(id: string) => any[]|null} exportsOf items of GET /classifiers/{id}/exports; null: not read yet
 * @property {(id: string, format: string) => Job|null} exportJobOf the job that makes it, while it runs
 * @property {(id: string, format: "html"|"json") => string} reportUrl
 * @property {Error|null} problem why the last wish came to nothing, with `title` and `message`
 *
 * @typedef {object} Answerer
 * @property {string} name "Quick learner" for the KNN, else the classifier's
 * @property {string|null} id of the classifier; null: the KNN
 * @property {Float32Array|null} shares of each class of the project, then of "None of these"; null: no answer
 * @property {number|null} value of a regression
 * @property {string|null} winner id of the class; null: none of these, or no answer
 * @typedef {object} Comparison
 * @property {Answerer} used the one that answers in the page
 * @property {Answerer} other
 * @property {boolean|null} same whether both say the same about this frame; null: one has no answer
 * @property {number} agreed frames of `looked` in which they did
 * @property {number} looked frames since the comparison began (or since either of them changed)
 * @property {number} now ms
 *
 * @typedef {import('../store/trainings.js').Job} Job
 */
export {};

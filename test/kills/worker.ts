// A worker process of the long run.
import { answerQuestions } from "./tasks.ts";

answerQuestions();

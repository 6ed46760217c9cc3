using System.Text.Json;
using Lockstep.Chaos.Plans;
using Lockstep.Chaos.Watching;
using Lockstep.Runs;

namespace Lockstep.Chaos.Results;

/// <summary>The result for programs: <c>result.json</c>, and standard output with <c>--json</c>.</summary>
internal static class ResultJson
{
    public static void Write(Utf8JsonWriter writer, ChaosResult result)
    {
        RunStory story = result.Story;
        writer.WriteStartObject();
        writer.WriteString("outcome", result.Outcome);
        writer.WriteString("message", result.Message);
        writer.WriteNumber("steps", result.Steps);
        writer.WriteFinite("seconds", Milliseconds(story.End - story.TrainingBegan));
        writer.WriteFinite("examplesPerSecond", Math.Round(result.ExamplesPerSecond, 1));
        writer.WriteFinite("longestWaitSeconds", Milliseconds(story.LongestWait));
        writer.WriteString("disk", result.Disk);
        writer.WriteNumber("checkpointsRefused", result.CheckpointsRefused);
        writer.WriteString("weightsSha256", result.Comparison?.RunSha256);
        writer.WriteString("undisturbedSha256", result.Comparison?.UndisturbedSha256);
        WriteNumber(writer, "tracedSteps", result.Comparison?.TracedSteps);
        WriteNumber(writer, "firstDifferentStep", result.Comparison?.FirstDifferentStep);
        writer.WriteStartArray("faults");
        foreach (FaultRecord record in story.Faults)
            Write(writer, record, result);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, FaultRecord record, ChaosResult result)
    {
        writer.WriteStartObject();
        writer.WriteNumber("number", record.Number);
        writer.WritePropertyName("planned");
        PlanJson.Write(writer, record.Fault);
        writer.WriteFinite("at", Milliseconds(record.At - result.Origin));
        writer.WriteNumber("step", record.Step);
        writer.WriteFinite("secondsToRecover", Milliseconds(record.SecondsToRecover));
        writer.WriteNumber("stepsRepeated", record.StepsRepeated);
        if (result.IsEqualAfter(record) is { } isEqual)
            writer.WriteBoolean("weightsEqual", isEqual);
        else
            writer.WriteNull("weightsEqual");
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    private static double? Milliseconds(double? seconds) => seconds is { } value ? Math.Round(value, 3) : null;
}

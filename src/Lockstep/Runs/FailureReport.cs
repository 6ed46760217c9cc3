using System.Text.Json;

namespace Lockstep.Runs;

/// <summary><c>failure.json</c>: why a run failed, for people and for programs that start runs.</summary>
/// <param name="Summary">How far the run got.</param>
/// <param name="Losses">Workers that were lost or refused, the last ones, in order.</param>
/// <param name="Advice">What to do next.</param>
public sealed record FailureReport(RunSummary Summary, IReadOnlyList<FailureReport.Loss> Losses, string Advice)
{
    /// <summary>What became of one worker.</summary>
    /// <param name="Time">When.</param>
    /// <param name="Worker">HOST:PORT of its node.</param>
    /// <param name="Reason">Why it was lost, such as the end of its stream or its exit code, or why it was refused.</param>
    /// <param name="Step">Last completed step that was reported before.</param>
    /// <param name="ProcessEnd">How its process ended, where it was started here.</param>
    public sealed record Loss(DateTimeOffset Time, string Worker, string Reason, long Step, string? ProcessEnd = null);

    /// <summary>Writes the report as one object.</summary>
    public void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, FailureJson.Of(this), RunFilesContext.Default.FailureJson);
}

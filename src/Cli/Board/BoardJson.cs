using System.Text.Json.Serialization;
using Lockstep.Chaos.Results;
using Lockstep.Cli.Results;
using Lockstep.Coordinator.Runs;
using Lockstep.Runs;

namespace Lockstep.Cli.Board;

/// <summary>A run in the list of the board.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="State">One or two words, such as completed or unfinished.</param>
/// <param name="Kind">good, bad or soft.</param>
/// <param name="IsLive">Whether this process trains it.</param>
/// <param name="Model">Its network; null if its configuration does not say.</param>
/// <param name="Dataset">Name of its data set; likewise.</param>
/// <param name="Step">Its last step that is known.</param>
/// <param name="TotalSteps">Its length; null if its configuration does not say.</param>
/// <param name="Changed">When it last saved or recorded anything, in UTC.</param>
/// <param name="Validation">Accuracy, or R² of targets, of its last evaluation; null if it has none.</param>
/// <param name="Test">The same at its end; null before that.</param>
/// <param name="HasTargets">Whether it is R².</param>
/// <param name="Options">The options it was started with, by name.</param>
internal sealed record BoardRow(
    string Name, string State, string Kind, bool IsLive, string? Model, string? Dataset, long Step, long? TotalSteps, DateTime Changed,
    double Validation, double Test, bool HasTargets, IReadOnlyDictionary<string, string> Options);

/// <summary>A run, whole.</summary>
/// <param name="Row">As in the list.</param>
/// <param name="Text">How it stands, in a sentence.</param>
/// <param name="Digest">SHA-256 of its weights at its end; null before.</param>
/// <param name="Trace">The end of its trace: the chain of digests of its weights; empty without one.</param>
/// <param name="Checkpoints">Those that are on the disk, by step.</param>
/// <param name="Metrics">All lines of its metrics.</param>
/// <param name="MetricsBytes">Where they end in their file.</param>
/// <param name="Events">All lines of its events.</param>
/// <param name="EventsBytes">Where they end in their file.</param>
/// <param name="Notes">What could not be read.</param>
/// <param name="Moments">If this process trains it: how it stood at earlier times.</param>
internal sealed record BoardRun(
    BoardRow Row, string Text, string? Digest, IReadOnlyList<BoardTraceLine> Trace, IReadOnlyList<BoardCheckpoint> Checkpoints,
    IReadOnlyList<MetricsRow> Metrics, long MetricsBytes,
    IReadOnlyList<RecordedEvent> Events, long EventsBytes, IReadOnlyList<string> Notes, IReadOnlyList<BoardMoment> Moments);

/// <summary>How a run stands at a time.</summary>
/// <param name="Time">When, in UTC.</param>
/// <param name="Step">Completed steps.</param>
/// <param name="Loss">Mean training loss of the epoch so far.</param>
/// <param name="Accuracy">Share of training examples told right in the epoch so far; null with targets.</param>
/// <param name="Rate">Examples a second.</param>
/// <param name="Workers">One entry a worker.</param>
internal sealed record BoardMoment(
    DateTime Time, long Step, double Loss, double Accuracy, double Rate, IReadOnlyList<BoardWorker> Workers);

/// <summary>A worker at a time.</summary>
/// <param name="Name">HOST:PORT.</param>
/// <param name="Process">Its process.</param>
/// <param name="Lanes">Its compute threads.</param>
/// <param name="Shards">Shards that it has; 0 standing by.</param>
/// <param name="Milliseconds">Its recent compute time a step.</param>
/// <param name="Sent">Bytes sent to it.</param>
/// <param name="Received">Bytes received from it.</param>
/// <param name="Late">Times since it joined that it was late.</param>
/// <param name="Reissued">Tree nodes requested from it since it joined in the place of others.</param>
internal sealed record BoardWorker(
    string Name, int Process, int Lanes, int Shards, double Milliseconds, long Sent, long Received, int Late, int Reissued);

/// <summary>A checkpoint that is on the disk.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Time">When it was written, in UTC.</param>
internal sealed record BoardCheckpoint(long Step, DateTime Time);

/// <summary>A step in the trace of a run.</summary>
/// <param name="Step">Completed steps.</param>
/// <param name="Weights">Hash of the weights after it.</param>
/// <param name="Chain">Hash of all that led to them.</param>
internal sealed record BoardTraceLine(long Step, string Weights, string Chain);

/// <summary>What a network says of a picture.</summary>
/// <param name="Answer">Name of the most probable class.</param>
/// <param name="Classes">Names of all classes.</param>
/// <param name="Probabilities">Of all classes.</param>
/// <param name="Step">Step of the checkpoint that was asked.</param>
/// <param name="Height">Pixels of what it saw.</param>
/// <param name="Width">Pixels of what it saw.</param>
/// <param name="Channels">1 for grey, 3 for colours.</param>
/// <param name="Seen">Their intensities.</param>
/// <param name="Warnings">What makes the answer doubtful.</param>
internal sealed record BoardAnswer(
    string Answer, IReadOnlyList<string> Classes, IReadOnlyList<float> Probabilities, long Step, int Height, int Width, int Channels,
    byte[] Seen, IReadOnlyList<string> Warnings);

/// <summary>What a network can be asked.</summary>
/// <param name="Problem">Why it can be asked nothing here; null where it can.</param>
/// <param name="Columns">Columns of the rows that it looks at; null where it looks at pictures.</param>
/// <param name="MayBeMissing">Whether values of rows may be missing.</param>
internal sealed record BoardInputs(string? Problem, IReadOnlyList<BoardColumn>? Columns, bool MayBeMissing);

/// <summary>A column of a row.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Usual">A number to begin with; empty where none is known.</param>
/// <param name="Categories">Its texts; null for numbers.</param>
internal sealed record BoardColumn(string Name, string Usual, IReadOnlyList<string>? Categories);

/// <summary>What a network says of rows, as 'predict --json' gives it.</summary>
/// <param name="Classes">Of a network of classes; else null.</param>
/// <param name="Targets">Of a network of targets; else null.</param>
/// <param name="Warnings">What makes the answers doubtful.</param>
internal sealed record BoardRowAnswers(RowAnswersJson? Classes, RowTargetsJson? Targets, IReadOnlyList<string> Warnings);

/// <summary>A result of 'chaos'.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Kind">good, bad or soft.</param>
/// <param name="Ended">When it was written, in UTC.</param>
/// <param name="HasPicture">Whether there is a timeline.</param>
/// <param name="Faults">What happened, in words.</param>
/// <param name="Result">The result; in a list without its faults.</param>
internal sealed record BoardChaos(
    string Name, string Kind, DateTime Ended, bool HasPicture, IReadOnlyList<string> Faults, ResultJson Result);

/// <summary>Two runs beside each other.</summary>
/// <param name="Difference">As 'diff --json' gives it.</param>
/// <param name="LastStepA">Last step of the first.</param>
/// <param name="LastStepB">Last step of the second.</param>
/// <param name="Picture">Where the parameter that differs most differs: a PNG; null where no checkpoints could be compared.</param>
/// <param name="Notes">What could not be compared.</param>
internal sealed record BoardDifference(
    DifferenceJson Difference, long LastStepA, long LastStepB, byte[]? Picture, IReadOnlyList<string> Notes);

/// <summary>Why a request was refused.</summary>
internal sealed record BoardProblem(string Problem);

/// <summary>How the board's answers become JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(FiniteDoubleConverter), typeof(FiniteSingleConverter)])]
[JsonSerializable(typeof(IReadOnlyList<BoardRow>))]
[JsonSerializable(typeof(BoardRun))]
[JsonSerializable(typeof(BoardMoment))]
[JsonSerializable(typeof(IReadOnlyList<BoardTraceLine>))]
[JsonSerializable(typeof(IReadOnlyList<BoardCheckpoint>))]
[JsonSerializable(typeof(BoardAnswer))]
[JsonSerializable(typeof(BoardDifference))]
[JsonSerializable(typeof(BoardInputs))]
[JsonSerializable(typeof(BoardRowAnswers))]
[JsonSerializable(typeof(IReadOnlyList<BoardChaos>))]
[JsonSerializable(typeof(BoardProblem))]
internal sealed partial class BoardContext : JsonSerializerContext;

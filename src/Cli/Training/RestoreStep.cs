using System.Globalization;
using System.Text.Json;
using Lockstep.Cli.Configuration;
using Lockstep.Cli.Terminal;
using Lockstep.Model.Layers;
using Lockstep.Model.Specs;
using Lockstep.Shared.Checkpoints;
using Lockstep.Shared.Restoring;

namespace Lockstep.Cli.Training;

/// <summary>A model restored by name from a checkpoint: the plan, the table that shows it, and what is wrong with it.</summary>
internal sealed class RestoreStep
{
    private readonly LoadedCheckpoint _source;
    private readonly ModelSpec _model;

    private RestoreStep(LoadedCheckpoint source, ModelSpec model, RestoreRules rules)
    {
        (_source, _model) = (source, model);
        Plan = RestorePlan.Make(new ParameterLayout(model), source.Checkpoint.Parameters, rules);
    }

    /// <summary>What becomes of every parameter.</summary>
    public RestorePlan Plan { get; }

    /// <summary>What to tell the user of files that were passed over.</summary>
    public IEnumerable<string> Warnings => _source.Warnings;

    /// <summary>Reads the checkpoint and matches it with the model.</summary>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    public static RestoreStep Load(string path, Settings settings, ModelSpec model) => new(CheckpointStore.Load(path), model, new RestoreRules
    {
        Include = settings.Find(OptionTable.Include) ?? NameGlobs.All,
        Exclude = settings.Find(OptionTable.Exclude) ?? NameGlobs.None,
        Map = (settings.Find(OptionTable.Map) ?? NameMap.Empty).Names,
        AllowMissing = settings.Get(OptionTable.AllowMissing),
        AllowUnused = settings.Get(OptionTable.AllowUnused),
        AllowShapeMismatch = settings.Get(OptionTable.AllowShapeMismatch),
    });

    /// <summary>Writes a line for every parameter of the model and every tensor of the file, and one for the optimizer.</summary>
    public void WriteTable(TextWriter writer)
    {
        writer.WriteLine($"restoring {_model} from {_source.Path}, step {Format.Count(_source.Checkpoint.Step)}");
        TextTable.Write(writer, ["parameter", "shape", "in the file", "shape", "outcome"], [.. Plan.Rows.Select(Cells), OptimizerCells()], firstNumber: 5);
    }

    /// <summary>Writes the same as JSON.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("checkpoint", _source.Path);
        writer.WriteString("model", _model.ToString());
        writer.WriteString("restoredSha256", Plan.Sha256);
        writer.WriteStartArray("parameters");
        foreach (RestoreRow row in Plan.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("parameter", row.Parameter);
            WriteShape(writer, "shape", row.Shape);
            writer.WriteString("source", row.Source);
            WriteShape(writer, "sourceShape", row.SourceShape);
            writer.WriteString("outcome", JsonNamingPolicy.CamelCase.ConvertName(row.Outcome.ToString()));
            writer.WriteBoolean("allowed", row.IsAllowed);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Refuses a restore that the options do not allow, naming every parameter and what would help.</summary>
    /// <exception cref="UserErrorException">Something is missing, unused or of another shape.</exception>
    public void ThrowIfRefused()
    {
        string[] problems = [.. Plan.MapProblems, .. Plan.Refused.Select(Problem)];
        if (problems.Length > 0)
            throw new UserErrorException($"{_model} cannot be restored from {_source.Path} as it is:{Environment.NewLine}{string.Join(Environment.NewLine, problems.Select(problem => $"  {problem}"))}");
        if (Plan.Tensors.Count == 0)
            throw new UserErrorException($"Nothing of {_source.Path} goes into {_model}: the options leave no parameter to restore. Loosen {OptionTable.Include.Name} or {OptionTable.Exclude.Name}.");
    }

    private IReadOnlyList<string> Cells(RestoreRow row) =>
        [row.Parameter ?? "-", Shape(row.Shape), row.Source ?? "-", Shape(row.SourceShape), Outcome(row)];

    private string Outcome(RestoreRow row) => row.Outcome switch
    {
        RestoreOutcome.Restored => Frozen(row) ? "restored, frozen" : "restored",
        RestoreOutcome.Excluded => $"new: {Initial(row)} (not asked for)",
        RestoreOutcome.Missing => row.IsAllowed ? $"new: {Initial(row)}" : "MISSING in the file",
        RestoreOutcome.WrongShape => row.IsAllowed ? $"new: {Initial(row)} (another shape in the file)" : "WRONG SHAPE",
        _ => row.IsAllowed ? "unused" : "UNUSED: the model has no such parameter",
    };

    private IReadOnlyList<string> OptimizerCells() =>
        ["optimizer state", "", "", "", _source.Checkpoint.Slots.Count > 0 ? "dropped: it begins at zero" : "none in the file: begins at zero"];

    private string Problem(RestoreRow row)
    {
        switch (row.Outcome)
        {
            case RestoreOutcome.WrongShape:
                return $"{row.Parameter} is {Shape(row.Shape)} in the model, {Shape(row.SourceShape)} in the file. Initialise it with {OptionTable.AllowShapeMismatch.Name} or {OptionTable.Exclude.Name} '{row.Parameter}'.";
            case RestoreOutcome.Missing:
                return $"{row.Parameter} {Shape(row.Shape)} is not in the file.{Likely(row)} Initialise it with {OptionTable.AllowMissing.Name} or {OptionTable.Exclude.Name} '{row.Parameter}'.";
            default:
                return $"{row.Source} {Shape(row.SourceShape)} of the file has no place in the model. Leave it there with {OptionTable.AllowUnused.Name}, or say what it is with {OptionTable.Map.Name} '{row.Source}=NAME'.";
        }
    }

    /// <summary>A tensor that is left over and has the shape, or else a name alike.</summary>
    private string Likely(RestoreRow missing)
    {
        RestoreRow[] left = [.. Plan.Rows.Where(row => row.Outcome == RestoreOutcome.Unused)];
        RestoreRow[] fitting = [.. left.Where(row => row.SourceShape!.SequenceEqual(missing.Shape!))];
        string? name = fitting.Length == 1 ? fitting[0].Source : Spelling.Nearest(missing.Parameter!, (fitting.Length > 0 ? fitting : left).Select(row => row.Source!));
        return name is null ? "" : $" Did you mean its {name}? Then give {OptionTable.Map.Name} '{name}={missing.Parameter}'.";
    }

    private string Initial(RestoreRow row) => Spec(row).Initializer.ToString();

    private bool Frozen(RestoreRow row) => !Spec(row).IsTrainable;

    private ParameterSpec Spec(RestoreRow row) => _model.Parameters.First(parameter => parameter.Name == row.Parameter);

    private static string Shape(IReadOnlyList<int>? shape) =>
        shape is null ? "-" : $"[{string.Join(", ", shape.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)))}]";

    private static void WriteShape(Utf8JsonWriter writer, string key, IReadOnlyList<int>? shape)
    {
        if (shape is null)
        {
            writer.WriteNull(key);
            return;
        }

        writer.WriteStartArray(key);
        foreach (int dimension in shape)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
    }
}

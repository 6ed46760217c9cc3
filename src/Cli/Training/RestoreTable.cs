using Lockstep.Cli.Terminal;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Shared.Restoring;
using Lockstep.Wording;

namespace Lockstep.Cli.Training;

/// <summary>What becomes of every parameter of a model that is restored by name, for people.</summary>
/// <param name="model">The model.</param>
/// <param name="source">Where the parameters come from.</param>
/// <param name="plan">What becomes of them.</param>
internal sealed class RestoreTable(ModelSpec model, TrainedModel source, RestorePlan plan)
{
    /// <summary>Writes a line for every parameter of the model and every tensor of the file, and one for the optimizer.</summary>
    public void WriteText(TextWriter writer)
    {
        writer.WriteLine($"restoring {model} from {source.Path}, step {Format.Count(source.Step)}");
        TextTable.Write(
            writer, ["parameter", "shape", "in the file", "shape", "outcome"], [.. plan.Rows.Select(Cells), OptimizerCells()],
            firstNumber: 5);
    }

    private IReadOnlyList<string> Cells(RestoreRow row) =>
        [row.Parameter ?? "-", Shape(row.Shape), row.Source ?? "-", Shape(row.SourceShape), Outcome(row)];

    private static string Shape(IReadOnlyList<int>? shape) => shape is null ? "-" : ForeignText.Shape(shape);

    private string Outcome(RestoreRow row) => row.Outcome switch
    {
        RestoreOutcome.Restored => Spec(row).IsTrainable ? "restored" : "restored, frozen",
        RestoreOutcome.Excluded => $"new: {Spec(row).Initializer} (not asked for)",
        RestoreOutcome.Missing => row.IsAllowed ? $"new: {Spec(row).Initializer}" : "MISSING in the file",
        RestoreOutcome.WrongShape => row.IsAllowed ? $"new: {Spec(row).Initializer} (another shape in the file)" : "WRONG SHAPE",
        _ => row.IsAllowed ? "unused" : "UNUSED: the model has no such parameter",
    };

    private IReadOnlyList<string> OptimizerCells() =>
        ["optimizer state", "", "", "", source.HasOptimizerState ? "dropped: it begins at zero" : "none in the file: begins at zero"];

    private ParameterSpec Spec(RestoreRow row) => model.Parameters.First(parameter => parameter.Name == row.Parameter);
}

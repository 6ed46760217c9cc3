namespace Lockstep.Model.Specs;

/// <summary>A number to predict, and how an output becomes one: <c>mean + deviation * output</c>.</summary>
/// <param name="Name">Column of a table.</param>
/// <param name="Mean">Its mean over the training examples.</param>
/// <param name="Deviation">Its standard deviation over them, above 0.</param>
public sealed record TargetSpec(string Name, double Mean, double Deviation)
{
    /// <summary>The value in units of the file, computed in double precision.</summary>
    /// <param name="output">An output of the model.</param>
    public double ValueOf(float output) => Mean + Deviation * output;

    /// <summary>What the model is trained to give: <c>(value - mean) / deviation</c> in double precision, rounded once.</summary>
    /// <param name="value">A value in units of the file.</param>
    public float OutputOf(double value) => (float)((value - Mean) / Deviation);
}

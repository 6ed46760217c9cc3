namespace Lockstep.Model.Specs;

/// <summary>What one raw example is, and how it becomes the inputs of a model.</summary>
public abstract record InputSpec
{
    /// <summary>Shape of a prepared example.</summary>
    public abstract TensorShape Shape { get; }
}

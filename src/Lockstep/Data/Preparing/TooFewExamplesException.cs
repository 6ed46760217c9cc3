using Lockstep.Model.Data;

namespace Lockstep.Data.Preparing;

/// <summary>A part of a data set would be empty.</summary>
internal sealed class TooFewExamplesException(string message) : DatasetException(message);
